-- A stub gets its body, in one undo step.
local T = ...
vim.g.hob = { preview = false }
local original = [[
package sum

// Sum adds up all numbers.
func Sum(numbers []int) int {
	panic("not implemented")
}

func Double(n int) int { return 2 * n }
]]
T.open('sum.go', original)
local body = '\tsum := 0\n\tfor _, n := range numbers {\n\t\tsum += n\n\t}\n\treturn sum\n'
local want = original:gsub('\tpanic[^\n]*\n', body)
local reply = '```go\n// Sum adds up all numbers.\nfunc Sum(numbers []int) int {\n' .. body .. '}\n```'

T.model.says({ text = reply, contains = 'implement function Sum' })
vim.api.nvim_win_set_cursor(0, { 5, 3 })
vim.cmd.Hob('implement')
T.eq(T.ended().status, 'applied', 'by command')
T.eq(T.text(), want, 'the body')
T.eq(T.undo(), original, 'undone')

T.model.says({ text = reply, contains = 'implement function Sum' })
T.action('Implement Sum')
T.eq(T.ended().status, 'applied', 'from the menu')
T.eq(T.text(), want, 'the body')
T.eq(T.undo(), original, 'undone')
