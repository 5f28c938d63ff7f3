-- Changes are shown before they are made, and made as far as the user wants.
local T = ...
local original = [[
package main

import "fmt"

func add(a, b int) int {
	return 0
}

func main() {
	fmt.Println(add(1, 2))
	fmt.Println("done")
}
]]
local changed = [[
package main

import "fmt"

func add(a, b int) int {
	return a + b
}

func main() {
	sum := add(1, 2)
	fmt.Println(sum)
	fmt.Println("end")
}
]]
local buf = T.open('main.go', original)
vim.bo.tabstop = 4
local function lines(from)
  return table.concat(vim.list_slice(vim.split(from, '\n'), 5), '\n')
end
local function start(instruction)
  T.model.says({ text = '```go\n' .. lines(changed) .. '```', last = instruction })
  vim.cmd('5,$Hob edit ' .. instruction)
  return T.review()
end
local function maps()
  local found = {}
  for _, map in ipairs(vim.api.nvim_buf_get_keymap(buf, 'n')) do
    if map.desc and vim.startswith(map.desc, 'Hob:') then
      table.insert(found, map.lhs)
    end
  end
  table.sort(found)
  return found
end
local keys = { '<BS>', '<CR>', '[c', ']c', 'cm', 'cp', 'do', 'dx' }

-- What is seen.
T.eq(maps(), {}, 'no keys before')
vim.keymap.set('n', ']c', '<Nop>', { buffer = buf, desc = 'mine' })
start('one')
local seen = T.preview(buf)
T.eq(seen.old, { { 'HobDelete', 5, 6 }, { 'HobDelete', 9, 11 } }, 'what goes')
T.eq(seen.new[1][1], 4, 'the hint stands above')
T.has(seen.new[1][2], 'hob: 2 of 2  <CR> all  <BS> none  do take  dx skip  ]c next  cp retry', 'the hint')
T.ok(not seen.new[1][2]:find('larger', 1, true), 'there is no larger model to be named')
table.remove(seen.new, 1)
T.eq(seen.new, {
  { 5, '    return a + b' },
  { 10, '    sum := add(1, 2)' },
  { 10, '    fmt.Println(sum)' },
  { 10, '    fmt.Println("end")' },
}, 'what comes')
T.eq(T.text(), original, 'the buffer is untouched')
T.eq(maps(), keys, 'keys')

-- All of it, in one undo step.
local steps = vim.fn.undotree().seq_cur
T.press('<CR>')
T.eq(T.ended().status, 'applied', 'accepted')
T.eq(T.text(), changed, 'all of it')
T.eq(vim.fn.undotree().seq_cur, steps + 1, 'undo steps')
T.eq({ T.marks(buf), maps() }, { {}, {} }, 'nothing is left')
T.eq(vim.fn.maparg(']c', 'n', false, true).desc, 'mine', "the user's own key is back")
T.eq(T.undo(), original, 'undone')

-- Nothing of it.
start('two')
T.press('<BS>')
T.eq(T.ended().status, 'declined', 'rejected')
T.eq(T.text(), original, 'untouched')
T.eq({ T.marks(buf), maps() }, { {}, {} }, 'nothing is left')

-- One change of two, with keys and with words.
local function first_only(accept, reject)
  local review = start('some of it ' .. accept)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  T.press(']c')
  T.eq(vim.fn.line('.'), 6, 'the first change')
  T.press(']c')
  T.eq(vim.fn.line('.'), 10, 'the second')
  T.press(']c')
  T.eq(vim.fn.line('.'), 6, 'around the end')
  T.press('[c')
  T.eq(vim.fn.line('.'), 10, 'and back')
  T.press('[c')
  T.press(accept)
  T.eq({ review.hunks[1].state, review.hunks[2].state }, { 'accepted', 'open' }, 'the first is decided')
  T.eq(vim.fn.line('.'), 10, 'on to the second')
  T.has(T.preview(buf).text, 'hob: 1 of 2 ', 'one is left')
  T.press(reject)
  T.eq(T.ended().status, 'applied', 'some of it')
  T.eq(T.text(), (original:gsub('return 0', 'return a + b')), 'the first change')
  T.eq(T.undo(), original, 'undone')
end
first_only('do', 'dx')
first_only(':Hob hunk accept<CR>', ':Hob hunk reject<CR>')

-- The text moves during the review; the edit is one undo step of its own.
start('typing')
T.press('ggO// mine<Esc>Go// below<Esc>')
local typed = T.text()
T.eq(T.preview(buf).old, { { 'HobDelete', 6, 7 }, { 'HobDelete', 10, 12 } }, 'moved along')
T.press('<CR>')
T.eq(T.ended().status, 'applied', 'accepted')
T.eq(T.text(), '// mine\n' .. changed .. '// below\n', 'both')
T.eq(T.undo(), typed, 'the edit undone')
T.undo()
T.eq(T.undo(), original, 'the typing undone')

-- Another instruction; the last one is there to be changed.
start('once')
T.model.says({ text = '```go\n' .. lines(changed):gsub('sum', 'total') .. '```', last = 'once more' })
local offered
local input = vim.ui.input
vim.ui.input = function(opts, done)
  offered = opts.default
  done('once more')
end
T.press('cp')
vim.ui.input = input
T.eq(offered, 'once', 'the last instruction')
T.eq(T.ended().status, 'declined', 'the first job')
T.review()
T.has(T.preview(buf).text, 'total := add(1, 2)', 'the second job')
vim.ui.input = function(opts)
  offered = opts.default
end
T.press('cp')
vim.ui.input = input
T.eq(offered, 'once more', 'what it was asked for')
vim.cmd.Hob('reject')
T.eq(T.ended().status, 'declined', 'the second job')

-- A larger model, where there is none; cancelled during its review.
start('larger')
T.press('cm')
T.eq(#T.told('there is no larger model', vim.log.levels.WARN), 1, 'said')
T.ok(T.review(), 'and the review stays')
vim.cmd.Hob('cancel')
T.eq(T.ended().status, 'cancelled', 'cancelled')
T.eq({ T.marks(buf), maps() }, { {}, {} }, 'nothing is left')

-- Closed during its review.
start('closed')
vim.cmd('silent bdelete!')
T.eq(T.ended().status, 'declined', 'closed')
vim.cmd.buffer(buf)
T.attached()

-- The same where it is only unloaded: its keys go.
start('unloaded')
vim.cmd.enew()
vim.cmd('silent bunload! ' .. buf)
T.eq(T.ended().status, 'declined', 'unloaded')
vim.cmd('silent buffer ' .. buf)
T.attached()
T.eq(maps(), {}, 'no keys are left')

-- What is mapped during a review stays, and what is taken away does.
start('mapped')
vim.keymap.set('n', '<CR>', '<Nop>', { buffer = buf, desc = 'later' })
vim.keymap.del('n', '<BS>', { buffer = buf })
vim.cmd.Hob('reject')
T.eq(T.ended().status, 'declined', 'mapped')
T.eq({ vim.fn.maparg('<CR>', 'n', false, true).desc, maps() }, { 'later', {} }, "the user's own key stays")
vim.keymap.del('n', '<CR>', { buffer = buf })

-- A review leaves no autocommand.
T.eq(#vim.tbl_filter(function(a)
  return vim.startswith(a.group_name or '', 'hob.review')
end, vim.api.nvim_get_autocmds({ event = { 'BufUnload', 'BufFilePost' }, buffer = buf })), 0, 'no autocommands are left')

-- In a closed fold, or in another tab page, it is said where it waits.
local function says_where(what)
  T.messages = {}
  start(what)
  T.eq(#T.told('waits for your review at line 6 of main.go'), 1, 'said: ' .. what)
  vim.cmd.Hob('reject')
  T.eq(T.ended().status, 'declined', what)
end
T.messages = {}
start('in sight')
T.eq(T.told('waits for your review'), {}, 'not said where it is seen')
vim.cmd.Hob('reject')
T.eq(T.ended().status, 'declined', 'in sight')
vim.cmd('5,7fold')
says_where('folded')
vim.cmd('silent normal! zE')
T.messages = {}
T.model.says({ text = '```go\n' .. lines(changed) .. '```', last = 'elsewhere', gates = { { name = 'elsewhere', after = 2 } } })
vim.cmd('5,$Hob edit elsewhere')
T.model.wait_gate('elsewhere')
vim.cmd.tabnew()
T.model.release('elsewhere')
T.review(buf)
T.eq(#T.told('waits for your review at line 6 of main.go'), 1, 'said: in another tab page')
vim.cmd.tabclose()
vim.cmd.Hob('reject')
T.eq(T.ended().status, 'declined', 'elsewhere')

-- Without a review there is nothing to decide about.
for _, words in ipairs({ 'accept', 'reject', 'retry', 'hunk next' }) do
  vim.cmd('Hob ' .. words)
end
T.eq(#T.told('there is nothing to review in this buffer', vim.log.levels.WARN), 4, 'said')

-- The server is gone during a review.
start('killed')
T.kill_server()
T.wait('nothing is left', function()
  return #T.marks(buf) == 0 and #maps() == 0
end)
T.eq(T.text(), original, 'untouched')

-- Keys of one's own, and none.
T.restart()
vim.g.hob = { keys = { accept = '<C-y>', hunk_next = false } }
start('own')
T.eq(maps(), { '<BS>', '<C-Y>', '[c', 'cm', 'cp', 'do', 'dx' }, 'own keys')
T.press('<C-y>')
T.eq(T.ended().status, 'applied', 'accepted')
T.eq(T.undo(), original, 'undone')

-- No review for who wants none.
vim.g.hob = { preview = false }
T.model.says({ text = '```go\n' .. lines(changed) .. '```', last = 'at once' })
vim.cmd('5,$Hob edit at once')
T.eq(T.ended().status, 'applied', 'at once')
T.eq(T.undo(), original, 'undone')
vim.g.hob = nil

-- Under another name the buffer is another file.
start('saved as')
vim.cmd('silent saveas other.go')
T.eq(T.ended().status, 'declined', 'saved as')
T.eq({ maps(), T.text(), T.read('other.go') }, { {}, original, original }, 'neither is changed')
