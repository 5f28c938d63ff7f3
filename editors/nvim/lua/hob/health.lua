--- :checkhealth hob. What is not about Neovim is `hob doctor`'s to find.
local M = {}

local health = vim.health

--- The first line that a program prints, or nil and why not.
---@param cmd string[]
---@param timeout integer milliseconds
---@return vim.SystemCompleted? out
---@return string? why
local function call(cmd, timeout)
  local ok, running = pcall(vim.system, cmd, { text = true, timeout = timeout })
  if not ok then
    return nil, tostring(running)
  end
  local out = running:wait()
  if out.code == 124 and out.signal ~= 0 then
    return nil, ('no answer within %d s'):format(timeout / 1000)
  end
  return out
end

---@return string? binary
local function check_binary()
  health.start('Hob: the server')
  local config, problems = require('hob.config').read()
  for _, problem in ipairs(problems) do
    health.error(problem, { ':help hob-config' })
  end
  local cmd = vim.lsp.config.hob.cmd
  if type(cmd) == 'function' then
    health.info('cmd is a function; nothing more can be checked')
    return nil
  end
  local binary = (cmd or config.cmd)[1]
  if vim.fn.executable(binary) == 0 then
    health.error(('%s can not be executed'):format(binary), {
      'build it with `make install` in the repository, which puts it into $(go env GOPATH)/bin, and add that folder to PATH',
      "or say where it is: vim.g.hob = { cmd = { '/path/to/hob', 'serve' } }",
    })
    return nil
  end
  local out, why = call({ binary, '--version' }, 10000)
  if not out or out.code ~= 0 then
    health.error(('%s --version: %s'):format(binary, why or vim.trim(out and out.stderr or '')), { 'build it again' })
    return nil
  end
  health.ok(('%s: %s'):format(vim.fn.exepath(binary), vim.trim(out.stdout)))
  return binary
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = 'hob' })
  if #clients == 0 then
    if vim.lsp.is_enabled and not vim.lsp.is_enabled('hob') then
      health.warn('not enabled', { "vim.lsp.enable('hob')" })
    else
      health.info('not running: it starts with the first file of a project that is opened')
    end
    return
  end
  for _, client in ipairs(clients) do
    local n = vim.tbl_count(client.attached_buffers)
    health.ok(('running for %s, %d buffer%s, %s'):format(client.root_dir or 'no folder', n, n == 1 and '' or 's', client.offset_encoding))
  end
end

---@param binary string
local function check_doctor(binary)
  health.start('Hob: hob doctor')
  local client = vim.lsp.get_clients({ name = 'hob' })[1]
  local dir = client and client.root_dir or vim.fn.getcwd()
  local out, why = call({ binary, 'doctor', '--json', dir }, 60000)
  if not out then
    return health.error('hob doctor: ' .. why)
  end
  local ok, findings = pcall(vim.json.decode, out.stdout)
  if not ok or not vim.islist(findings) then
    return health.error('hob doctor: ' .. vim.trim(out.stderr ~= '' and out.stderr or out.stdout))
  end
  local report = { ok = health.ok, note = health.warn, fail = health.error }
  for _, f in ipairs(findings) do
    local say = report[f.status] or health.info
    local advice = f.remedy and f.remedy ~= '' and say ~= health.ok and { f.remedy } or nil
    if f.check ~= 'editor' then -- which is at work, whether it is in the PATH or not
      say(('%s: %s'):format(f.check, f.detail), advice)
    end
  end
end

function M.check()
  if vim.fn.has('nvim-0.11') == 0 then
    error('Hob needs Neovim 0.11 or newer', 0) -- older ones have other functions to report with
  end
  health.start('Hob: Neovim')
  health.ok('Neovim ' .. tostring(vim.version()))
  if #vim.fn.getcompletion('hob-install', 'help') == 0 then
    health.info(':help hob is not known yet; :helptags ALL makes it so, and plugin managers do that by themselves')
  end
  local binary = check_binary()
  check_clients()
  if binary then
    check_doctor(binary)
  end
end

return M
