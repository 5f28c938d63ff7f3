-- Tests are written to where the project keeps them: a new file, or behind those that are there.
local T = ...
T.write('go.mod', 'module example.com/m\n')
local original = 'package calc\n\nfunc Add(a, b int) int { return a + b }\n\nfunc Mul(a, b int) int { return a * b }\n'
local code = T.open('add.go', original)
local first = '```go\nfunc TestAdd(t *testing.T) {\n\tif got := Add(1, 2); got != 3 {\n\t\tt.Errorf("got %d", got)\n\t}\n}\n```'

vim.api.nvim_win_set_cursor(0, { 3, 6 })
T.will_choose(1)
T.model.says({ text = first, contains = 'Add' })
vim.cmd.Hob('test')
T.new_file()
vim.cmd.Hob('accept')
T.eq(T.ended().status, 'applied', 'tests of Add')
T.has(vim.api.nvim_buf_get_name(0), '/add_test.go', 'the new file is shown')
local tests = T.text()
T.has(tests, 'package calc\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {', 'its text')
T.eq(T.text(code), original, 'the code is untouched')
vim.cmd('silent write')
T.eq(T.read('add_test.go'), tests, 'written')

-- More of them, from the menu: shown in the file of tests, and undone there.
vim.cmd.buffer(code)
vim.api.nvim_win_set_cursor(0, { 5, 6 })
T.model.says({ text = (first:gsub('Add', 'Mul'):gsub('3', '2')), contains = 'Mul' })
T.action('Write tests for Mul')
local buf = vim.fn.bufnr(T.work .. '/add_test.go')
T.review(buf)
T.eq(#T.told('test waits for your review at line'), 1, 'it is said where')
vim.cmd.buffer(buf)
vim.cmd.Hob('accept')
T.eq(T.ended().status, 'applied', 'tests of Mul')
T.has(T.text(), 'func TestMul(t *testing.T) {', 'the new test')
T.has(T.text(), 'func TestAdd(t *testing.T) {', 'beside the old one')
T.eq(T.undo(), tests, 'undone')
