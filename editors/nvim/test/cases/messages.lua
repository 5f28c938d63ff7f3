-- A message that comes while the user types takes no key away, however long it is.
local T = ...
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n'
local tui = T.tui()
tui.open(T.write('main.go', original))
local lua, keys, see = tui.lua, tui.keys, tui.see
local reason = 'I will not, since the sum of two numbers is a matter that one had better leave alone in a program like this'
T.model.says({ text = reason .. '.', contains = 'the sum', gates = { { name = 'refuses', after = 0 } } })
keys('3GV2j:Hob edit the sum<CR>')
T.model.wait_gate('refuses')
keys('Go// ab')
see('// ab')
T.model.release('refuses')
see('Hob: the model declined: I will not')
see('…')
keys(' cd<CR>// ef')
T.wait('all of it arrives', function()
  return table.concat(lua('return vim.api.nvim_buf_get_lines(1, 5, -1, false)'), '\n') == '// ab cd\n// ef'
end)
T.ok(not tui.screen():find('Press ENTER', 1, true), 'nobody is asked to press a key')

-- All of it, and what can be done, when the typing has ended.
keys('<Esc>')
see('word the instruction differently')
keys('<CR>')
local said = lua("return vim.fn.execute('messages')")
T.eq(select(2, said:gsub('Hob:', '')), 1, 'once in ' .. said)

-- CTRL-C ends typing, too.
keys('A')
tui.in_mode('i')
lua([[require('hob.say').say(('word '):rep(60) .. 'the end')]])
keys('\3')
see('the end')
keys('<CR>')

-- A question that is being asked is not ended by an error.
T.model.says({ text = reason .. '.', contains = 'the sum', gates = { { name = 'refuses again', after = 0 } } })
keys(':3,5Hob edit the sum<CR>')
T.model.wait_gate('refuses again')
lua("_G.ask = function() vim.ui.input({ prompt = 'Your name?' }, function(name) _G.name = name end) end")
keys(':lua ask()<CR>')
see('Your name?')
T.model.release('refuses again')
T.wait('it is held back', function()
  return lua("return #vim.api.nvim_get_autocmds({ event = 'ModeChanged', pattern = 'c*:*' }) == 1")
end)
keys('hob<CR>')
see('word the instruction differently')
keys('<CR>')
T.wait('it was answered', function()
  return lua('return _G.name') == 'hob'
end)
said = lua("return vim.fn.execute('messages')")
T.ok(not said:find('traceback', 1, true), said)
tui.close()
