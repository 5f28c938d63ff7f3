-- A file that is read again during its review, because something else changed it on disk: the review follows its lines,
-- or ends with the reason.
local T = ...
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc sub(a, b int) int {\n\treturn 0\n}\n'
local above = '// Shop sells.\n// It is small.\n'
local function changed(text)
  return (text:gsub('return 0', 'return 1'))
end
local buf = T.open('main.go', original)
vim.o.autoread = true
local function start(instruction)
  T.model.says({ text = '```go\n' .. changed(original):gsub('^package main\n\n', '') .. '```', last = instruction })
  vim.cmd('3,9Hob edit ' .. instruction)
  local review = T.review()
  T.eq(T.preview(buf).old, { { 'HobDelete', 3, 4 }, { 'HobDelete', 7, 8 } }, 'as it was asked about')
  return review
end
--- Waits for the review of the same job on the text as it is now.
local function again(review)
  local now = T.wait('it is asked anew', function()
    local r = require('hob.review').of(buf)
    return r and r ~= review and r
  end)
  T.eq(now.params.job, review.params.job, 'the same job')
  T.eq(T.preview(buf).old, { { 'HobDelete', 5, 6 }, { 'HobDelete', 9, 10 } }, 'two lines further down')
end
local function restore()
  T.write('main.go', original)
  vim.cmd('silent edit!')
  T.attached()
  T.eq({ T.text(), T.marks(buf) }, { original, {} }, 'as before')
end

for _, command in ipairs({ 'checktime', 'edit' }) do
  local review = start('one, then ' .. command)
  T.write('main.go', above .. original)
  vim.cmd('silent ' .. command)
  again(review)
  T.eq(T.text(), above .. original, 'as on disk')
  T.press('<CR>')
  T.eq(T.ended().status, 'applied', command)
  T.eq(T.text(), above .. changed(original), 'both')
  T.eq(T.undo(), above .. original, 'undone')
  restore()
end

-- One of the changes that are shown was made by somebody else, in another way.
start('one, which is gone')
T.write('main.go', (original:gsub('return 0', 'return 7', 1)))
vim.cmd('silent checktime')
local result = T.ended()
T.eq({ result.status, result.error and result.error.kind }, { 'failed', 'stale' }, 'too late')
T.eq(T.marks(buf), {}, 'nothing is drawn')
T.wait('it is said', function()
  return #T.told(result.error.message, vim.log.levels.ERROR) == 1
end)
T.eq(T.text(), (original:gsub('return 0', 'return 7', 1)), 'untouched')
