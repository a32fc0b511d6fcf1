// The story in TypeScript's SDKs: `node story.mjs sdk|client PART JSON`, the JSON saying where the server is and what the part
// before found out. A part prints what it found out in turn.

import assert from 'node:assert/strict';
import fs from 'node:fs';

import * as modern from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const story = JSON.parse(fs.readFileSync('story.json', 'utf8'));
const [kind, part, json] = process.argv.slice(2);
const given = JSON.parse(json);

const client = await connect();
// Having seen the list, the client holds every answer against the schema of its tool.
const { tools } = await client.listTools();
console.log(JSON.stringify(await { think, resume, again }[part]()));
await client.close();

// Twelve thoughts, with a revision and a branch.
async function think() {
  const named = tools.map((tool) => tool.name);
  for (const name of ['sequentialthinking', 'sequentialthinking_hydrate', 'search', 'relocate_note']) {
    assert.ok(named.includes(name), `\`${name}\` is not in the list: ${named}`);
  }
  let session;
  for (const [at, thought] of story.thoughts.entries()) {
    const more = session ? { session_note_id: session } : { session_title: story.title };
    const answer = await call('sequentialthinking', { totalThoughts: 10, nextThoughtNeeded: true, ...thought, ...more });
    session ??= answer.session_note_id;
    assert.equal(answer.session_note_id, session);
    assert.equal(answer.thoughtNumber, thought.thoughtNumber);
    assert.equal(answer.totalThoughts, 10);
    assert.equal(answer.nextThoughtNeeded, thought.nextThoughtNeeded ?? true);
    assert.equal(answer.thoughtHistoryLength, at + 1);
    assert.deepEqual(answer.branches, at >= 7 ? ['retry-policy'] : []);
  }
  return { session };
}

// All of it is there in a new process, is found by its words, and moves.
async function resume() {
  const before = await hydrated(given.session);
  assert.equal(before.title, story.title);
  assert.equal(before.next_number, 11);
  const { found } = story;
  const sought = before.thoughts.find(({ number, branch }) => number === found.thoughtNumber && branch === found.branchId);
  const { lines } = await call('search', { query: story.query });
  assert.ok(lines[0].startsWith(sought.id), lines[0]);
  await call('relocate_note', { note: given.session, to: story.moved });
  return { session: given.session, sought: sought.id, path: before.session_path };
}

// And is all there after the move, under the same ids, in another place.
async function again() {
  const after = await hydrated(given.session);
  assert.notEqual(after.session_path, given.path);
  assert.ok(after.session_path.startsWith(story.moved), after.session_path);
  const { hits } = await call('search', { query: story.query, detail: true });
  assert.equal(hits[0].id, given.sought);
  assert.ok(hits[0].path.startsWith(story.moved), hits[0].path);
  return { thoughts: after.thoughts.length, path: after.session_path };
}

// A session with all that was thought in it, word for word.
async function hydrated(session) {
  const answer = await call('sequentialthinking_hydrate', { session_note_id: session, thought_scope: 'all' });
  const shown = ({ number, branch, branch_from, revises, text }) => ({ number, branch, branch_from, revises, text });
  const asked = ({ thoughtNumber, branchId, branchFromThought, revisesThought, thought }) => ({
    number: thoughtNumber,
    branch: branchId,
    branch_from: branchFromThought,
    revises: revisesThought,
    text: thought,
  });
  const ordered = (thoughts) => thoughts.sort((a, b) => a.text.localeCompare(b.text));
  assert.deepEqual(ordered(answer.thoughts.map(shown)), ordered(story.thoughts.map(asked)));
  assert.equal(answer.thoughts.find(({ number, branch }) => number === 3 && !branch).superseded_by, 7);
  assert.equal(answer.nextThoughtNeeded, false);
  return answer;
}

async function call(name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, JSON.stringify(result));
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  return result.structuredContent;
}

async function connect() {
  const self = { name: 'story', version: '1' };
  const headers = { requestInit: { headers: { Authorization: `Bearer ${given.token}` } } };
  if (kind === 'sdk') {
    const client = new LegacyClient(self);
    await client.connect(given.url ? new LegacyHttp(new URL(given.url), headers) : new LegacyStdio(given));
    return client;
  }
  const client = new modern.Client(self, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const http = () => new modern.StreamableHTTPClientTransport(new URL(given.url), headers);
  await client.connect(given.url ? http() : new ModernStdio(given));
  return client;
}
