-- What is typed answers no question: one about the changes of several files waits until the typing has ended, and a
-- plan until the command-line window is closed.
local T = ...
T.write('go.mod', 'module example.com/shop\n')
local store = 'package store\n\n// NewStore makes an empty store.\nfunc NewStore() []int {\n\treturn nil\n}\n'
local want = store:gsub('NewStore%(%)', 'NewStore(n int)'):gsub('nil', 'make([]int, 0, n)')
local api = 'package api\n\nimport "example.com/shop/store"\n\n// Use makes one.\nfunc Use() []int {\n\treturn store.NewStore()\n}\n'
T.write('api/api.go', api)
local tui = T.tui()
tui.open(T.write('store/store.go', store))
local lua, keys, see, mode, ended = tui.lua, tui.keys, tui.see, tui.mode, tui.ended
local function text()
  return table.concat(lua('return vim.api.nvim_buf_get_lines(0, 0, -1, false)'), '\n') .. '\n'
end
local function text_is(what, expected)
  T.wait(what, function()
    return not mode().blocking and text() == expected
  end)
end
--- Whether a question waits for the user.
local function waiting()
  return lua([[return vim.iter(vim.api.nvim_get_autocmds({ event = 'ModeChanged' })):any(function(a)
    return vim.startswith(a.group_name or '', 'hob.rest')
  end)]])
end

local plan = vim.json.encode({ steps = {
  { kind = 'edit', file = 'store/store.go', symbol = 'NewStore', what = 'take a capacity' },
  { kind = 'edit', file = 'api/api.go', symbol = 'Use', what = 'pass eight' },
} })
local function start(gate)
  T.model.says({ text = plan, last = 'plan this change', gates = gate and { { name = gate, after = 2 } } or nil })
  keys(':Hob refactor Give NewStore a capacity parameter<CR>')
end
local function carry_out(gate)
  T.model.says({ text = '```go\n' .. want:gsub('^package store\n\n', '') .. '```', last = 'take a capacity' })
  T.model.says({
    text = '```go\n// Use makes one.\nfunc Use() []int {\n\treturn store.NewStore(8)\n}\n```',
    last = 'pass eight',
    gates = { { name = gate, after = 2 } },
  })
  see('carries out')
  keys('<CR>')
  T.model.wait_gate(gate)
end

-- The job has its question while the user types.
local function interrupt(gate, typed)
  start()
  carry_out(gate)
  keys(typed)
  tui.in_mode('i')
  T.model.release(gate)
  T.wait('it waits for the user', waiting)
end

-- The job is cancelled while its question waits: nobody is asked, and nothing is left.
interrupt('cancelled', 'Go// yes')
lua('vim.cmd.Hob("cancel")')
ended(1, 'cancelled')
T.wait('nothing is left', function()
  return not waiting()
end)
keys(' I do<Esc>')
text_is('typed on', store .. '// yes I do\n')
tui.in_mode('n')
T.eq(mode().blocking, false, 'nobody is asked')
keys('u')
text_is('undone', store)

-- It comes when the typing has ended.
interrupt('asked', ':enew<CR>iyes')
keys(' I do')
text_is('typed on', 'yes I do\n')
T.ok(waiting() and not mode().blocking, 'not asked yet')
keys('<Esc>')
if vim.fn.has('nvim-0.12') == 1 then
  see('Apply all changes?')
  keys('nn') -- it asks for each of the two files
else
  see('Type number and <Enter>')
  keys('3<CR>')
end
ended(2, 'declined')
text_is('as it was typed', 'yes I do\n')
keys(':buffer 1<CR>')
text_is('untouched', store)

-- While the command-line window is open nothing else can be.
start('plan')
T.model.wait_gate('plan')
tui.open_command_window()
T.model.release('plan')
tui.held_back()
tui.close_command_window()
see('carries out')
keys('q')
ended(3, 'declined')
T.eq(lua('return #vim.api.nvim_list_wins()'), 1, 'the plan is gone')

-- The same for an answer, and for what is taken away: nothing fails.
T.model.says({ text = 'It makes a store.', last = 'in short', gates = { { name = 'answer', after = 2 } } })
keys(':4Hob explain in short<CR>')
T.model.wait_gate('answer')
tui.open_command_window()
T.model.release('answer')
ended(4, 'answered')
tui.close_command_window()
see('It makes a store.')
keys('q')
local said = lua("return vim.fn.execute('messages')")
T.ok(not said:find('E11', 1, true), said)
tui.close()
