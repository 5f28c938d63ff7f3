-- The server ends, as by a crash, while a question waits for the user or is being asked: what waits is asked of nobody,
-- and what is answered goes nowhere.
local T = ...
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n'
T.write('main.go', original)
local tui = T.tui()
tui.open(T.write('here.go', 'package main\n'))
local lua, keys, see, in_mode = tui.lua, tui.keys, tui.see, tui.in_mode
-- What Neovim says of the end is longer than its screen may be wide, and would wait for a key.
lua('_G.told = {} vim.notify = function(message) table.insert(_G.told, message) end')
local function server()
  return lua([[return vim.iter(vim.api.nvim_get_proc_children(vim.fn.getpid())):find(function(pid)
    return (vim.api.nvim_get_proc(pid) or {}).name == 'hob'
  end)]])
end
local function waiting()
  return lua([[return vim.iter(vim.api.nvim_get_autocmds({ event = { 'ModeChanged', 'CmdwinLeave' } })):any(function(a)
    return not a.group or vim.startswith(a.group_name, 'hob.rest')
  end)]])
end
--- Neovim may be blocked by its question: it is asked nothing before that is answered.
local function kill(pid)
  vim.uv.kill(pid, 'sigkill')
end
local function gone()
  T.wait('Neovim says so', function()
    return lua("return #vim.lsp.get_clients({ name = 'hob' }) == 0 and #_G.told == 1")
  end)
  T.has(lua('return table.remove(_G.told)'), 'Client hob quit', 'what it says')
end
local function restart()
  lua("vim.lsp.enable('hob', false) vim.lsp.enable('hob')")
  T.wait('the server is back', function()
    return lua("return #vim.lsp.get_clients({ name = 'hob', bufnr = 1 }) == 1")
  end)
end
--- A job about a file that is closed while the model writes.
local function unseen(gate)
  keys(':edit main.go<CR>')
  T.wait('the server attaches', function()
    return lua("return vim.fn.expand('%:t') == 'main.go' and #vim.lsp.get_clients({ name = 'hob', bufnr = 0 }) == 1")
  end)
  T.model.says({
    text = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```',
    last = 'the sum',
    gates = { { name = gate, after = 3 } },
  })
  keys(':3,5Hob edit the sum<CR>')
  T.model.wait_gate(gate)
  keys(':buffer 1<CR>')
  T.wait('elsewhere', function()
    return lua("return vim.fn.expand('%:t') == 'here.go'")
  end)
  lua([[vim.cmd('silent bdelete main.go')
    local client = vim.lsp.get_clients({ name = 'hob', bufnr = 1 })[1]
    client:request_sync('workspace/executeCommand', { command = 'hob.status' }, 60000, 1)]]) -- it knows by then
end

-- It waits for the end of the typing.
unseen('typing')
keys('Go// yes')
in_mode('i')
T.model.release('typing')
T.wait('it waits', waiting)
kill(server())
gone()
T.wait('nothing waits', function()
  return not waiting()
end)
keys(' I do<Esc>')
in_mode('n')
T.eq(lua("return vim.fn.getbufline(1, 1, '$')"), { 'package main', '// yes I do' }, 'typed on')
keys('u')
restart()

-- It is being asked.
unseen('asked')
local pid = server()
T.model.release('asked')
if vim.fn.has('nvim-0.12') == 1 then
  see('Apply all changes?')
  kill(pid)
  keys('n')
else
  see('Type number and <Enter>')
  kill(pid)
  keys('3<CR>')
end
gone()
in_mode('n')
T.eq(T.read('main.go'), original, 'untouched')
restart()

-- So is an instruction.
keys(':Hob edit<CR>')
see('Edit')
in_mode('c')
kill(server())
gone()
keys('the sum<CR>')
in_mode('n')
restart()

-- The command-line window is open.
T.model.says({ text = 'It is a package.', last = 'in short', gates = { { name = 'window', after = 2 } } })
keys(':1Hob explain in short<CR>')
T.model.wait_gate('window')
tui.open_command_window()
T.model.release('window')
T.wait('it waits', waiting)
kill(server())
gone()
tui.close_command_window()
see('It is a package.') -- it was said before
T.eq(waiting(), false, 'nothing waits')

tui.no_errors()
tui.close()
