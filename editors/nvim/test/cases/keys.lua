-- With keys and a screen: a second Neovim runs its real interface in a terminal of this one.
local T = ...
vim.lsp.enable('hob', false) -- here; the one in the terminal is the user's
vim.o.lines, vim.o.columns = 30, 100
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc main() { println(add(1, 2)) }\n'
local want = original:gsub('return 0', 'return a + b')
local path = T.write('main.go', original)
local socket = vim.fn.tempname()
local plugin = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(vim.env.E2E_CASE)))
local terminal = vim.api.nvim_get_current_buf()
local child = vim.fn.jobstart({
  vim.env.E2E_NVIM, '--clean', '-n', '-i', 'NONE', '--listen', socket,
  '--cmd', 'set runtimepath^=' .. plugin, '--cmd', "lua vim.lsp.enable('hob')", path,
}, { term = true, cwd = T.work, env = { NVIM = '' } })
local channel = T.wait('the second Neovim listens', function()
  local ok, c = pcall(vim.fn.sockconnect, 'pipe', socket, { rpc = true })
  return ok and c > 0 and c
end)
local function lua(code, ...)
  return vim.rpcrequest(channel, 'nvim_exec_lua', code, { ... })
end
local function keys(k)
  vim.fn.chansend(child, vim.keycode(k))
end
local function screen()
  return table.concat(vim.api.nvim_buf_get_lines(terminal, 0, -1, false), '\n')
end
local function see(part)
  local ok = vim.wait(20000, function()
    return screen():find(part, 1, true) ~= nil
  end, 20)
  if not ok then
    error(('%q is not on the screen:\n%s'):format(part, screen()), 2)
  end
end
-- Not asked by a request: one waits for as long as the other Neovim waits for a key.
local function text_is(what, text)
  local got
  local ok = vim.wait(20000, function()
    got = table.concat(lua('return vim.api.nvim_buf_get_lines(1, 0, -1, false)'), '\n') .. '\n'
    return got == text
  end, 20)
  if not ok then
    error(('%s\ngot:\n%s\nscreen:\n%s'):format(what, got, screen()), 2)
  end
end

T.wait('the server attaches', function()
  return lua("return #vim.lsp.get_clients({ name = 'hob', bufnr = 1 }) == 1")
end)
lua('vim.o.statusline = "%{v:lua.require\'hob\'.statusline()}"')
see('hob')

T.model.says({
  text = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```',
  last = 'return the sum',
  gates = { { name = 'writing', after = 2 } },
})
keys('3GV2j')
see('VISUAL LINE')
keys('gra')
see('Edit selection…')
see('Explain add')
keys('1<CR>')
see('Edit selection:')
keys('return the sum<CR>')
T.model.wait_gate('writing')
see('hob: edit writing')
-- The user goes on typing, above the target and below it, and has not left insert mode when the edit comes.
keys('ggO// above<Esc>')
text_is('typed', '// above\n' .. original)
keys('Go// below')
text_is('typed', '// above\n' .. original .. '// below\n')
T.model.release('writing')
text_is('the edit', '// above\n' .. want .. '// below\n')
keys(' more<Esc>')
text_is('typed on', '// above\n' .. want .. '// below more\n')
keys('u')
text_is('one undo: what was typed after', '// above\n' .. want .. '// below\n')
keys('u')
text_is('one undo: the edit', '// above\n' .. original .. '// below\n')
keys('u')
text_is('one undo: the line below', '// above\n' .. original)
keys('u')
text_is('one undo: the line above', original)

-- Esc at the question ends the job without a word.
keys('3GVgra')
see('Edit selection…')
keys('1<CR>')
see('Edit selection:')
keys('<Esc>')
T.wait('the job ends', function()
  return lua("return (require('hob').results()[1] or {}).status") == 'cancelled'
end)
text_is('untouched', original)

T.model.says('It returns **zero**.')
keys('3G:Hob explain<CR>')
see('It returns zero.')
see('q closes')
keys('q')
T.wait('the window closes', function()
  return lua('return #vim.api.nvim_list_wins()') == 1
end)
vim.fn.jobstop(child)
