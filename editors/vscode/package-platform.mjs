// npm run package:platform [-- TARGET]   A .vsix for one platform, with the server in it. TARGET is one of those
// below; without it this machine's. For another platform the server is built without a C compiler.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const targets = {
  'linux-x64': ['linux', 'amd64'],
  'linux-arm64': ['linux', 'arm64'],
  'darwin-x64': ['darwin', 'amd64'],
  'darwin-arm64': ['darwin', 'arm64'],
  'win32-x64': ['windows', 'amd64'],
  'win32-arm64': ['windows', 'arm64'],
};
const own = `${process.platform}-${process.arch}`;
const target = process.argv[2] ?? own;
if (!targets[target]) {
  console.error(`no target ${target}: one of ${Object.keys(targets).join(', ')}`);
  process.exit(2);
}
const [GOOS, GOARCH] = targets[target];
const env = { ...process.env, ...(target === own ? {} : { GOOS, GOARCH, CGO_ENABLED: '0' }) };
const run = (program, ...args) => execFileSync(program, args, { env, stdio: 'inherit', shell: process.platform === 'win32' });

rmSync('bin', { recursive: true, force: true });
run('go', 'build', '-trimpath', '-ldflags', '-s -w', '-o', GOOS === 'windows' ? 'bin/hob.exe' : 'bin/hob', 'github.com/hob-ls/hob/cmd/hob');
run('npx', 'vsce', 'package', '--no-dependencies', '--target', target, '--ignoreFile', '.vscodeignore.platform', '-o', `hob-${target}.vsix`);
