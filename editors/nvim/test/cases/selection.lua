-- :'<,'>Hob takes exactly what is selected, in characters of any width; typing it by hand takes lines.
local T = ...
vim.g.hob = { preview = false }
local original = 'let a = "𐐀é", b = "ünder";\nlet c = 1;\n'
T.open('a.js', original)
local first = original:find('"ünder', 1, true)

-- The ranges that the server is sent, in bytes.
local sent = {}
local client = T.client()
local request = client.request
client.request = function(self, method, params, ...)
  local range = params.arguments and params.arguments[1].range
  if range then
    table.insert(sent, { range.start.line, range.start.character, range['end'].line, range['end'].character })
  end
  return request(self, method, params, ...)
end

T.model.says({ text = '```js\nlet a = "𐐀é", b = "over";\n```', last = 'change b' })
T.select(1, first, 1, first + #'"ünder"' - 1)
T.leave_visual()
vim.cmd("'<,'>Hob edit change b")
T.eq(T.ended().status, 'applied', 'edit')
T.eq(T.text(), 'let a = "𐐀é", b = "over";\nlet c = 1;\n', 'the edit')
T.eq(sent[1], { 0, first - 1, 0, first - 1 + #'"ünder"' }, 'what was selected')
T.eq(T.undo(), original, 'undone')

T.model.says({ text = '```js\nlet c = 2;\n```', last = 'count' })
vim.cmd('2Hob edit tier=fast count')
T.eq(T.ended().status, 'applied', 'edit')
T.eq(T.text(), (original:gsub('c = 1', 'c = 2')), 'the line')
T.eq(sent[2], { 1, 0, 1, #'let c = 1;' }, 'the whole line')
T.eq(T.undo(), original, 'undone')
T.eq(T.asked, {}, 'nothing is asked')

-- Selected up to a character of several bytes.
T.model.says({ text = '```js\nlet a = "𐐀e", b = "ünder";\n```', last = 'plain' })
T.select(1, original:find('𐐀', 1, true), 1, (original:find('é', 1, true)))
T.leave_visual()
vim.cmd("'<,'>Hob edit plain")
T.eq(T.ended().status, 'applied', 'edit')
T.eq(sent[3], { 0, 9, 0, 9 + #'𐐀é' }, 'two characters')
T.eq(T.undo(), original, 'undone')

-- Dismissing the question ends the job without a word.
T.will_type(false)
vim.cmd('2Hob edit')
T.eq(T.ended().status, 'cancelled', 'dismissed')
T.eq(#T.asked, 1, 'asked')
T.eq(T.text(), original, 'untouched')
T.eq(T.told('', vim.log.levels.WARN), {}, 'no complaints')
