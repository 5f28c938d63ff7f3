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

function M.close()
  vim.fn.jobstop(M.child)
end

return M
