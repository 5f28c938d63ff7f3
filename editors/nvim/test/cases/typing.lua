-- The user types while the model writes: the edit lands where its target has gone, and each has an undo of its own.
local T = ...
vim.g.hob = { preview = false }
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n'
T.open('main.go', original)
T.model.says({
  text = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```',
  last = 'sum',
  gates = { { name = 'writing', after = 2 } },
})
vim.cmd('3,5Hob edit the sum')
T.model.wait_gate('writing')
vim.api.nvim_win_set_cursor(0, { 1, 0 })
vim.api.nvim_feedkeys(vim.keycode('o// Package main adds.<CR>// It does so with ünicode.<Esc>'), 'xt', false)
local typed = original:gsub('package main\n', 'package main\n// Package main adds.\n// It does so with ünicode.\n')
T.eq(T.text(), typed, 'typed')
T.model.release('writing')
T.eq(T.ended().status, 'applied', 'edit')
T.eq(T.text(), (typed:gsub('return 0', 'return a + b')), 'both')
T.eq(T.undo(), typed, 'the edit undone')
T.eq(T.undo(), original, 'the typing undone')
vim.cmd.redo()
vim.cmd.redo()
T.eq(T.text(), (typed:gsub('return 0', 'return a + b')), 'done again')

-- Typing into the target: what the user wrote stays, and the edit is refused with a reason.
T.model.says({
  text = '```go\nfunc add(a, b int) int {\n\treturn b + a\n}\n```',
  last = 'swap',
  gates = { { name = 'again', after = 2 } },
})
vim.cmd('5,7Hob edit swap')
T.model.wait_gate('again')
vim.api.nvim_win_set_cursor(0, { 6, 0 })
vim.api.nvim_feedkeys(vim.keycode('A // mine<Esc>'), 'xt', false)
local mine = T.text()
T.has(mine, 'return a + b // mine', 'typed')
T.model.release('again')
local result = T.ended()
T.eq({ result.status, result.error.kind }, { 'failed', 'stale' }, 'refused')
T.eq(T.text(), mine, 'untouched')
T.wait('the reason is said', function()
  return #T.told('the text was changed while the model wrote', vim.log.levels.ERROR) == 1
end)
