// One story by the official SDKs: an agent thinks, and in new processes goes on with what was thought.

import { World, run } from './world.mjs';

// Both generations of the TypeScript SDK: the first knows only the handshake, the second also what came after it.
export async function typescript({ journal }) {
  await tell(journal, process.execPath, 'story.mjs', ['sdk', 'client']);
}

export async function python({ journal, interpreter }) {
  await tell(journal, interpreter, 'story.py', ['legacy', '2026-07-28']);
}

async function tell(journal, interpreter, script, kinds) {
  for (const kind of kinds) {
    for (const transport of ['stdio', 'http']) {
      await World.use(journal, async (world) => {
        const server = transport === 'http' ? await world.serve() : world.stdio;
        // Each part is a process of the client's; over stdio the server's process is new as well.
        let known = {};
        for (const part of ['think', 'resume', 'again']) {
          const { stdout } = await run(interpreter, [script, kind, part, JSON.stringify({ ...server, ...known })]);
          known = JSON.parse(stdout);
        }
        console.log(`${script} ${kind} over ${transport}: ${JSON.stringify(known)}`);
      });
    }
  }
}
