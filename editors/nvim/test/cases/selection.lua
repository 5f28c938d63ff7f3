-- :'<,'>Hob takes exactly what is selected, in characters of any width; typing it by hand takes lines.
local T = ...
local original = 'let a = "𐐀é", b = "ünder";\nlet c = 1;\n'
T.open('a.js', original)
local first = original:find(', b', 1, true)

T.model.says({ text = '```js\n, b = "over"\n```', last = 'change b' })
T.select(1, first, 1, first + #', b = "ünder"' - 1)
T.leave_visual()
vim.cmd("'<,'>Hob edit change b")
T.eq(T.ended().status, 'applied', 'edit')
T.eq(T.text(), 'let a = "𐐀é", b = "over";\nlet c = 1;\n', 'the selected characters alone')
T.eq(T.undo(), original, 'undone')

T.model.says({ text = '```js\nlet c = 2;\n```', last = 'count' })
vim.cmd('2Hob edit tier=fast count')
T.eq(T.ended().status, 'applied', 'edit')
T.eq(T.text(), (original:gsub('c = 1', 'c = 2')), 'the line')
T.eq(T.undo(), original, 'undone')
T.eq(T.asked, {}, 'nothing is asked')

-- Dismissing the question ends the job without a word.
T.will_type(false)
vim.cmd('2Hob edit')
T.eq(T.ended().status, 'cancelled', 'dismissed')
T.eq(#T.asked, 1, 'asked')
T.eq(T.text(), original, 'untouched')
T.eq(T.told('', vim.log.levels.WARN), {}, 'no complaints')
