// Vaults to work in, and the programs that serve them, with nothing of this machine around them.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

// How long a server may take until it listens, in milliseconds.
const patience = 60_000;

// A new vault in a temporary folder, and the servers that were started for it.
export class World {
  // Does `work` in a new world. Afterwards its servers are stopped, which has to go well where the work did.
  static async use(journal, work) {
    const world = new World(journal);
    try {
      await run(journal, ['init', world.vault], { env: world.env });
      await work(world);
      for (const server of world.servers) await server.stop();
    } finally {
      for (const server of world.servers) server.kill();
      fs.rmSync(world.folder, { recursive: true, force: true });
    }
  }

  constructor(journal) {
    this.journal = journal;
    this.servers = [];
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'journal-clients-'));
    this.vault = path.join(this.folder, 'vault');
    fs.mkdirSync(this.vault);
    const data = path.join(this.folder, 'data');
    this.env = { PATH: process.env.PATH, HOME: this.folder, TZ: 'UTC', JOURNAL_DATA_DIR: data, JOURNAL_VAULT: this.vault };
  }

  // How a client starts the server on stdio.
  get stdio() {
    return { command: this.journal, args: ['mcp'], env: this.env, cwd: this.vault };
  }

  // Starts `journal serve` and says where it is.
  async serve() {
    const port = await freePort();
    await this.start(port, this.journal, ['serve', '--port', `${port}`]);
    const { stdout } = await run(this.journal, ['serve', '--show-token'], { env: this.env });
    return { url: `http://127.0.0.1:${port}/mcp`, token: stdout.trim() };
  }

  // Starts the server with the conformance suite's fixtures and says where it is.
  async serveFixtures(fixtures) {
    const [port, token] = [await freePort(), 'a'.repeat(32)];
    await this.start(port, fixtures, [`${port}`, token]);
    return { url: `http://127.0.0.1:${port}/mcp`, token };
  }

  async start(port, command, args) {
    const server = new Server(command, args, this.env);
    this.servers.push(server);
    const late = Date.now() + patience;
    while (!(await answers(port))) {
      if (server.ended !== undefined || Date.now() > late) throw server.failure('does not listen');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

class Server {
  constructor(command, args, env) {
    this.name = [path.basename(command), ...args.slice(0, 1)].join(' ');
    this.said = '';
    this.child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.said += text));
    this.end = new Promise((resolve) => this.child.on('close', (code, signal) => resolve((this.ended = code ?? signal))));
  }

  // Interrupts it as a person would.
  async stop() {
    this.child.kill('SIGINT');
    if ((await this.end) !== 0) throw this.failure(`ended with ${this.ended}`);
  }

  kill() {
    if (this.ended === undefined) this.child.kill('SIGKILL');
  }

  failure(what) {
    return new Error(`\`${this.name}\` ${what}:\n${this.said}`);
  }
}

// Runs a command to its end and returns what it said; that it failed is an error that shows it.
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve({ stdout, stderr });
      const line = [path.basename(command), ...args].join(' ');
      reject(new Error(`\`${line}\` ended with ${code ?? signal}:\n${stdout}${stderr}`));
    });
  });
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
