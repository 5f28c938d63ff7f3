// One warm code-server with the packaged extension, and a browser: they serve every case.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { until } from './until.ts';

/** Whatever pops up, calls home or moves the layout is off. */
const settings = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.editor.enablePreview': false,
  'workbench.colorTheme': 'Dark Modern',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'json.schemaDownload.enable': false,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'editor.lightbulb.enabled': 'off',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.accessibilitySupport': 'off',
  'files.autoSave': 'off',
  'explorer.compactFolders': false,
};

/** Reads an environment variable that e2e_test.go sets. */
export function env(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through go test, see editors/Makefile`);
  return value;
}

export class Server {
  readonly root: string;
  readonly browser: Browser;
  readonly url: string;
  private readonly child: ChildProcess;

  private constructor(root: string, browser: Browser, url: string, child: ChildProcess) {
    this.root = root;
    this.browser = browser;
    this.url = url;
    this.child = child;
  }

  /** Starts all in a folder that has the configuration of Hob already. */
  static async start(root: string): Promise<Server> {
    const entry = path.join(path.dirname(fileURLToPath(import.meta.resolve('code-server/package.json'))), 'out/node/entry.js');
    for (const dir of ['data/User', 'data/Machine', 'ext', 'home']) fs.mkdirSync(path.join(root, dir), { recursive: true });
    const own = fileURLToPath(new URL('.', import.meta.url));
    fs.cpSync(path.join(own, 'floor'), path.join(root, 'ext/hob-test.floor-0.0.1'), { recursive: true });
    const config = path.join(root, 'code-server.yaml');
    fs.writeFileSync(config, 'auth: none\n');
    writeSettings(root, {});
    const common = ['--config', config, '--user-data-dir', path.join(root, 'data'), '--extensions-dir', path.join(root, 'ext')];
    const home = path.join(root, 'home');
    const environment = {
      ...process.env,
      HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_STATE_HOME: home,
      EXTENSIONS_GALLERY: '{"serviceUrl":""}',
      HOB_CONFIG: path.join(root, 'config.toml'), HOB_LOG: path.join(root, 'hob.log'),
    };
    execFileSync(process.execPath, [entry, ...common, '--install-extension', env('E2E_VSIX'), '--force'], { env: environment, stdio: 'pipe' });
    const log = fs.openSync(path.join(root, 'code-server.log'), 'w');
    let child: ChildProcess | undefined;
    let port = 0;
    // It waits 10 s for a process of its own to start, and gives itself up then, which a busy machine may need twice.
    const listens = async () => {
      if (!child || child.exitCode !== null) {
        port = await freePort();
        child = spawn(
          process.execPath,
          [entry, ...common, '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check',
            '--disable-getting-started-override', '--ignore-last-opened'],
          { env: environment, stdio: ['ignore', log, log] },
        );
      }
      return (await answers(port)) ? child : undefined;
    };
    const [browser, running] = await Promise.all([
      chromium.launch({
        executablePath: env('E2E_CHROMIUM'),
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
      }),
      until('code-server listens', listens),
    ]);
    return new Server(root, browser, `http://127.0.0.1:${port}`, running);
  }

  /** The settings of the user, which a workbench that is open takes over at once. */
  settings(more: object): void {
    writeSettings(this.root, more);
  }

  /** The folder into which the extension was installed. */
  extension(): string {
    const all = path.join(this.root, 'ext');
    return path.join(all, fs.readdirSync(all).find((name) => name.startsWith('hob-ls.hob-'))!);
  }

  /** Waits until the log of Hob has a line with all of these. */
  async logged(...what: string[]): Promise<void> {
    const has = () => fs.readFileSync(path.join(this.root, 'hob.log'), 'utf8').split('\n').some((line) => what.every((text) => line.includes(text)));
    await until(`the log says ${what.join(' ')}`, has);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await ended;
  }
}

function writeSettings(root: string, more: object): void {
  fs.writeFileSync(path.join(root, 'data/User/settings.json'), JSON.stringify({ ...settings, ...more }));
  // What a workspace can't set is the machine's, which is another than the user's in a browser.
  const machine = Object.entries(more).filter(([key]) => key.startsWith('hob.'));
  fs.writeFileSync(path.join(root, 'data/Machine/settings.json'), JSON.stringify({ 'hob.path': env('E2E_HOB'), ...Object.fromEntries(machine) }));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    http.get({ host: '127.0.0.1', port, path: '/healthz' }, (reply) => { reply.resume(); resolve(true); }).on('error', () => resolve(false));
  });
}
