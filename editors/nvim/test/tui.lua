-- With keys and a screen: a second Neovim runs its real interface in a terminal of this one.
local T = ...

local M = {}

--- Opens a file in a second Neovim, in which the server is enabled.
function M.open(path)
  vim.lsp.enable('hob', false) -- here; the one in the terminal is the user's
  vim.o.lines, vim.o.columns = 30, 100
  local socket = vim.fn.tempname()
  M.terminal = vim.api.nvim_get_current_buf()
  M.child = vim.fn.jobstart({
    vim.env.E2E_NVIM, '--clean', '-n', '-i', 'NONE', '--listen', socket,
    '--cmd', 'set runtimepath^=' .. vim.env.E2E_PLUGIN, '--cmd', "lua vim.lsp.enable('hob')", path,
  }, { term = true, cwd = T.work, env = { NVIM = '' } })
  M.channel = T.wait('the second Neovim listens', function()
    local ok, c = pcall(vim.fn.sockconnect, 'pipe', socket, { rpc = true })
    return ok and c > 0 and c
  end)
  T.wait('the server attaches', function()
    return M.lua("return #vim.lsp.get_clients({ name = 'hob', bufnr = 1 }) == 1")
  end)
  M.lua('vim.o.statusline = "%{v:lua.require\'hob\'.statusline()}"')
  M.see('hob')
end

function M.lua(code, ...)
  return vim.rpcrequest(M.channel, 'nvim_exec_lua', code, { ... })
end

function M.keys(k)
  vim.fn.chansend(M.child, vim.keycode(k))
end

function M.screen()
  return table.concat(vim.api.nvim_buf_get_lines(M.terminal, 0, -1, false), '\n')
end

--- Waits until a text is on the screen.
function M.see(part, interval)
  local ok = vim.wait(60000, function()
    return M.screen():find(part, 1, true) ~= nil
  end, interval or 20)
  if not ok then
    error(('%q is not on the screen:\n%s'):format(part, M.screen()), 2)
  end
end

--- Its mode: answered though Neovim waits for a key, which blocking says.
---@return { mode: string, blocking: boolean }
function M.mode()
  return vim.rpcrequest(M.channel, 'nvim_get_mode')
end

function M.in_mode(name)
  T.wait('mode ' .. name, function()
    return M.mode().mode == name
  end)
end

--- Waits until so many jobs have ended, the last of them like this.
function M.ended(count, status)
  T.wait('the job ends: ' .. status, function()
    local results = M.lua("return vim.tbl_map(function(r) return r.status end, require('hob').results())")
    return #results == count and results[1] == status
  end)
end

function M.open_command_window()
  M.keys('q:')
  T.wait('the command-line window', function()
    return M.lua('return vim.fn.getcmdwintype()') == ':'
  end)
end

function M.close_command_window()
  M.keys(':q<CR>')
  T.wait('it is closed', function()
    return M.lua('return vim.fn.getcmdwintype()') == ''
  end)
end

--- Waits until something waits for the end of the command-line window.
function M.held_back()
  T.wait('it waits', function()
    return M.lua([[return vim.iter(vim.api.nvim_get_autocmds({ event = 'CmdwinLeave' })):any(function(a)
      return not a.group
    end)]])
  end)
end

--- Neither Neovim nor Hob has said that something failed.
function M.no_errors()
  local said = M.lua("return vim.fn.execute('messages')")
  for _, part in ipairs({ 'E11:', 'Error', '/lua/hob/' }) do
    T.ok(not said:find(part, 1, true), said)
  end
end

function M.close()
  vim.fn.jobstop(M.child)
end

return M
