-- A hob: comment is an instruction; the code takes its place.
local T = ...
vim.g.hob = { preview = false }
local original = 'package main\n\n// hob: a function that doubles a number\n\nfunc main() { println(double(2)) }\n'
T.open('main.go', original)
local code = '```go\nfunc double(n int) int {\n\treturn 2 * n\n}\n```'
local want = original:gsub('// hob:[^\n]*', 'func double(n int) int {\n\treturn 2 * n\n}')

T.model.says({ text = code, last = 'a function that doubles a number' })
vim.api.nvim_win_set_cursor(0, { 3, 10 })
T.action('Generate: a function that doubles a number')
T.eq(T.ended().status, 'applied', 'from the menu')
T.eq(T.text(), want, 'the code')
T.eq(T.undo(), original, 'undone')

T.model.says({ text = code, last = 'a function that doubles a number' })
vim.api.nvim_win_set_cursor(0, { 3, 10 })
vim.cmd.Hob('generate')
T.eq(T.ended().status, 'applied', 'from the command line')
T.eq(T.text(), want, 'the code')
T.eq(T.undo(), original, 'undone')
T.eq(T.asked, {}, 'nothing is asked')
