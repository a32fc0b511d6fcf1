// What `journal export` writes for other programs, read by them: Mermaid's own parser, and the shape that JSON Canvas 1.0 asks
// for. The session comes in by `journal import`, as the sequential-thinking server keeps it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { Ajv } from 'ajv';
import { JSDOM } from 'jsdom';

import { World, run } from './world.mjs';

// https://jsoncanvas.org/spec/1.0/, written down as a schema.
const side = { enum: ['top', 'right', 'bottom', 'left'] };
const end = { enum: ['none', 'arrow'] };
const color = { type: 'string', pattern: '^([1-6]|#[0-9A-Fa-f]{6})$' };
const [text, place] = [{ type: 'string' }, { type: 'integer' }];
const kinds = {
  text: { required: ['text'], properties: { text } },
  file: { required: ['file'], properties: { file: text, subpath: { type: 'string', pattern: '^#' } } },
  link: { required: ['url'], properties: { url: text } },
  group: { properties: { label: text, background: text, backgroundStyle: { enum: ['cover', 'ratio', 'repeat'] } } },
};
const canvasSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    nodes: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'type', 'x', 'y', 'width', 'height'],
        properties: { id: text, type: { enum: Object.keys(kinds) }, x: place, y: place, width: place, height: place, color },
        allOf: Object.entries(kinds).map(([kind, then]) => ({ if: { properties: { type: { const: kind } } }, then })),
      },
    },
    edges: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'fromNode', 'toNode'],
        additionalProperties: false,
        properties: {
          id: text, fromNode: text, fromSide: side, fromEnd: end, toNode: text, toSide: side, toEnd: end, color, label: text,
        },
      },
    },
  },
};

// Sixty thoughts, four branches, six revisions; every text begins with what means something to somebody.
const marks = ['end', '"quoted"', '[x] (y) {z}', '--> A', '%% no comment', '`code`', '<b>&amp;', 'subgraph', '#35;', '1. first', 'ein Süßes', '생각'];
const branches = ['end', 'a "b"', 'x|y', 'subgraph'];

function history() {
  const thoughts = [];
  const think = (thoughtNumber, more) => {
    const thought = `${marks[thoughts.length % marks.length]}: thought ${thoughts.length}.`;
    thoughts.push({ thought, thoughtNumber, totalThoughts: 60, nextThoughtNeeded: true, ...more });
  };
  for (let number = 1; number <= 40; number += 1) {
    think(number, number % 6 === 4 && number < 40 ? { isRevision: true, revisesThought: number - 2 } : {});
  }
  branches.forEach((branchId, at) => {
    for (let more = 1; more <= 5; more += 1) think(at * 9 + 1 + more, { branchId, branchFromThought: at * 9 + 1 });
  });
  return thoughts;
}

export async function documents({ journal }) {
  await World.use(journal, async (world) => {
    const file = path.join(world.folder, 'thoughts.jsonl');
    fs.writeFileSync(file, history().map((thought) => JSON.stringify(thought)).join('\n'));
    const answer = JSON.parse((await run(journal, ['import', file, '--json'], { env: world.env })).stdout);
    const [{ id }] = answer.sessions;
    const as = async (format) => (await run(journal, ['export', id, '--format', format], { env: world.env })).stdout;
    await mermaid(await as('mermaid'));
    canvas(JSON.parse(await as('canvas')), world.vault);
  });
}

async function mermaid(source) {
  // Its parser asks for a window, and draws nothing in it.
  const { window } = new JSDOM('');
  Object.assign(globalThis, { window, document: window.document });
  const { default: mermaid } = await import('mermaid');
  assert.equal((await mermaid.parse(source)).diagramType, 'flowchart-v2');
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(source);
  const [vertices, edges] = [[...db.getVertices().values()], db.getEdges()];
  const dotted = edges.filter(({ stroke }) => stroke === 'dotted');
  assert.deepEqual([vertices.length, edges.length, dotted.length], [60, 59 + 6, 6]);
  for (const { id, classes } of vertices) assert.ok(classes.every((name) => ['branch', 'superseded'].includes(name)), id);
  assert.equal(db.getSubGraphs().length, 0);
  await assert.rejects(mermaid.parse(`${source}\n  t1[`), 'a parser that takes anything says nothing');
  console.log(`mermaid: ${vertices.length} thoughts, ${edges.length} arrows, ${dotted.length} of them dotted`);
}

function canvas({ nodes, edges, ...more }, vault) {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(canvasSchema);
  assert.ok(validate({ nodes, edges, ...more }), JSON.stringify(validate.errors));
  assert.ok(!validate({ nodes: [{ ...nodes[0], x: 0.5 }] }), 'a schema that takes anything says nothing');
  const ids = new Set(nodes.map(({ id }) => id));
  assert.equal(ids.size, nodes.length);
  for (const { fromNode, toNode } of edges) assert.ok(ids.has(fromNode) && ids.has(toNode));
  for (const { file } of nodes) assert.ok(fs.existsSync(path.join(vault, file)), file);
  console.log(`canvas: ${nodes.length} notes, ${edges.length} arrows`);
}
