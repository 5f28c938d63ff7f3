-- While the model writes, its text is seen in place; nothing in the buffer changes, and nothing is left in the end.
local T = ...
local original = [[
package main

func add(a, b int) int {
	println("adding")
	return 0
}

func main() { println(add(1, 2)) }
]]
local buf = T.open('main.go', original)
vim.bo.tabstop = 4
local reply = '```go\nfunc add(a, b int) int {\n\tif a == 0 {\n\t\treturn b\n\t}\n\treturn a + b\n}\n```'

-- A job that shows itself and waits in the middle of a line.
local function start(instruction, after)
  T.model.says({ text = reply, last = instruction, chunk = 1, gates = { { name = instruction, after = after } } })
  vim.cmd('3,6Hob edit ' .. instruction)
  T.model.wait_gate(instruction)
  T.wait('the preview shows what is written', function()
    return T.preview(buf).text:find('return b', 1, true)
  end)
end
local upto = select(2, reply:find('return b\n\t}\n\tretu', 1, true))

start('sum', upto)
local seen = T.wait('the line being written is seen', function()
  local now = T.preview(buf)
  return now.text:find('retu', 1, true) and now
end)
T.eq(seen.new, {
  { 2, '    if a == 0 {' },
  { 2, '        return b' },
  { 2, '    }' },
  { 2, '    retu' },
}, 'new lines, each behind a row')
T.eq(seen.old, { { 'HobOld', 3, 6 } }, 'what may still change is marked')
T.has(seen.stage, 'hob: writing', 'the stage')
T.eq(T.text(), original, 'the buffer is untouched')

-- It stays in place when the user types above and below it.
vim.api.nvim_win_set_cursor(0, { 1, 0 })
vim.api.nvim_feedkeys(vim.keycode('O// one<CR>// two<Esc>Go// below<Esc>'), 'xt', false)
seen = T.preview(buf)
T.eq({ seen.new[1][1], seen.old }, { 4, { { 'HobOld', 5, 8 } } }, 'moved along')
T.model.release('sum')
T.review()
vim.cmd.Hob('accept')
T.eq(T.ended().status, 'applied', 'edit')
local want = original:gsub('\tprintln%("adding"%)\n\treturn 0', '\tif a == 0 {\n\t\treturn b\n\t}\n\treturn a + b')
T.eq(T.text(), '// one\n// two\n' .. want .. '// below\n', 'both')
T.eq(T.marks(buf), {}, 'nothing is left')
vim.cmd('silent undo | silent undo')
vim.cmd('silent undo')
T.eq(T.text(), original, 'undone')

-- Cancelled.
start('cancelled', upto)
vim.cmd.Hob('cancel')
T.eq(T.ended().status, 'cancelled', 'cancelled')
T.eq(T.marks(buf), {}, 'nothing is left')

-- Refused, for the user has typed into it.
start('typed', upto)
vim.api.nvim_win_set_cursor(0, { 4, 0 })
vim.api.nvim_feedkeys(vim.keycode('A // mine<Esc>'), 'xt', false)
T.model.release('typed')
T.eq(T.ended().error.kind, 'stale', 'refused')
T.eq(T.marks(buf), {}, 'nothing is left')
vim.cmd('silent undo')

-- The model server is gone in the middle.
T.model.says({ text = reply, last = 'lost', chunk = 1, fault = 'drop', after = upto })
vim.cmd('3,6Hob edit lost')
T.eq(T.ended().status, 'failed', 'failed')
T.eq(T.marks(buf), {}, 'nothing is left')

-- Hob itself is gone in the middle.
start('killed', upto)
T.kill_server()
T.wait('nothing is left', function()
  return #T.marks(buf) == 0
end)
T.eq(T.text(), original, 'untouched')

-- Back again; and who wants no preview has none.
T.restart()
vim.g.hob = { preview = false }
T.model.says({ text = reply, last = 'hidden', chunk = 1, gates = { { name = 'hidden', after = upto } } })
vim.cmd('3,6Hob edit hidden')
T.model.wait_gate('hidden')
T.wait('the job writes', function()
  return require('hob').statusline() == 'hob: edit writing'
end)
T.eq(T.marks(buf), {}, 'nothing is shown')
T.model.release('hidden')
T.eq(T.ended().status, 'applied', 'edit')
