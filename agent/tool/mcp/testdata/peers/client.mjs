// The official TypeScript client, driving servers over stdio.
//
//   node client.mjs talk HOB DIR [ROOT]      every tool once; with ROOT the client offers that as its root
//   node client.mjs time FILE CALLS -- COMMAND ARG... -- COMMAND ARG...
//
// talk prints what it was told as JSON; time reads FILE with both servers in turns
// and prints the microseconds of each call. Names of modules are looked up below
// the working directory.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.cwd(), "package.json"));
const load = async (name) => import(pathToFileURL(require.resolve("@modelcontextprotocol/sdk/" + name)).href);
const { Client } = await load("client/index.js");
const { StdioClientTransport } = await load("client/stdio.js");
const { ListRootsRequestSchema } = await load("types.js");

async function connect(command, args, root) {
  const client = new Client({ name: "independent", version: "1.0.0" }, { capabilities: root ? { roots: {} } : {} });
  if (root) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: pathToFileURL(root).href, name: "root" }] }));
  }
  await client.connect(new StdioClientTransport({ command, args, stderr: "inherit" }));
  return client;
}

async function talk(hob, dir, root) {
  const client = await connect(hob, root ? ["mcp"] : ["mcp", dir], root);
  const out = { server: client.getServerVersion(), instructions: client.getInstructions(), tools: [], answers: {} };
  for (const tool of (await client.listTools()).tools) {
    out.tools.push({ name: tool.name, type: tool.inputSchema.type, readOnly: tool.annotations?.readOnlyHint });
  }
  const calls = {
    list: {},
    glob: { pattern: "*.go" },
    read: { path: "main.go" },
    search: { pattern: "helper" },
    symbols: { query: "helper" },
    outline: { path: "sub/helper.go" },
    references: { name: "helper" },
    related: { path: "main.go" },
  };
  const results = await Promise.all(Object.entries(calls).map(([name, args]) => client.callTool({ name, arguments: args })));
  Object.keys(calls).forEach((name, i) => (out.answers[name] = results[i]));
  out.refused = await client.callTool({ name: "read", arguments: { path: "../../etc/passwd" } });
  out.unknown = await client.callTool({ name: "write", arguments: {} }).then(() => "", (e) => String(e));
  await client.close();
  console.log(JSON.stringify(out));
}

async function time(file, calls, commands) {
  const servers = [];
  for (const [command, ...args] of commands) {
    const client = await connect(command, args);
    const names = (await client.listTools()).tools.map((t) => t.name);
    servers.push({ client, tool: names.includes("read") ? "read" : "read_text_file", took: [] });
  }
  for (let i = 0; i < calls; i++) {
    for (const s of servers) {
      const began = process.hrtime.bigint();
      const r = await s.client.callTool({ name: s.tool, arguments: { path: file } });
      const took = Number(process.hrtime.bigint() - began) / 1000;
      if (r.isError) throw new Error(JSON.stringify(r));
      if (i >= calls / 10) s.took.push(took); // the first ones warm up
    }
  }
  for (const s of servers) await s.client.close();
  console.log(JSON.stringify(servers.map((s) => s.took)));
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === "talk") {
  await talk(...rest);
} else if (verb === "time") {
  const commands = [];
  for (const word of rest.slice(2)) word === "--" ? commands.push([]) : commands.at(-1).push(word);
  await time(rest[0], Number(rest[1]), commands);
} else {
  throw new Error("talk or time");
}
