-- Commands that the project defines for itself: by name, which is completed, or from the menu.
local T = ...
vim.g.hob = { preview = false }
local original = 'package a\n\nfunc Serve() int {\n\treturn 1\n}\n'
T.write('.hob/commands/log.md', "---\ntitle: Add logging\nscope: symbol\nfiles: '*.go'\n---\nLog calls of {{symbol}} in {{file}}.\n")
T.write('.hob/commands/why.md', '---\nkind: explain\n---\nWhy is {{file}} here?\n')
T.write('.hob/commands/notes.txt', 'no command\n')
T.open('a.go', original)
local want = original:gsub('\treturn', '\tlog("Serve")\n\treturn')
local reply = '```go\nfunc Serve() int {\n\tlog("Serve")\n\treturn 1\n}\n```'

T.eq(vim.fn.getcompletion('Hob run ', 'cmdline'), { 'log', 'why' }, 'names')
T.eq(vim.fn.getcompletion('Hob run w', 'cmdline'), { 'why' }, 'those with w')
vim.api.nvim_win_set_cursor(0, { 4, 2 })
T.model.says({ text = reply, contains = 'Log calls of Serve in a.go.' })
vim.cmd.Hob('run log')
T.eq(T.ended().status, 'applied', 'by name')
T.eq(T.text(), want, 'the edit')
T.eq(T.undo(), original, 'undone')

T.model.says({ text = 'It serves.', contains = 'Why is a.go here?' })
vim.cmd('1,2Hob run why')
T.eq(T.ended().status, 'answered', 'an answer')
T.has(T.text(), 'It serves.', 'is shown')
vim.cmd.quit()

T.model.says({ text = reply, contains = 'Log calls of Serve in a.go.' })
local titles
vim.ui.select = function(items, opts, done)
  titles = vim.tbl_map(opts.format_item, items)
  done(items[1], 1)
end
vim.cmd.Hob('run')
T.eq(T.ended().status, 'applied', 'from the menu')
T.eq(#titles, 2, 'of which it has those of the project: ' .. vim.inspect(titles))
T.has(titles[1], 'Add logging', 'by its title')
T.eq(T.undo(), original, 'undone')

vim.cmd.Hob('run nothing')
T.wait('an unknown name is said', function()
  return #T.told('there is no command "nothing": there are log, why', vim.log.levels.ERROR) == 1
end)
