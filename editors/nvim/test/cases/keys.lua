-- With keys and a screen: a second Neovim runs its real interface in a terminal of this one.
local T = ...
local original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc main() { println(add(1, 2)) }\n'
local want = original:gsub('return 0', 'return a + b')
local path = T.write('main.go', original)
local tui = T.tui()
tui.open(path)
local lua, keys, screen, see = tui.lua, tui.keys, tui.screen, tui.see
-- Not asked by a request: one waits for as long as the other Neovim waits for a key.
local function text_is(what, text)
  local got
  local ok = vim.wait(60000, function()
    got = table.concat(lua('return vim.api.nvim_buf_get_lines(1, 0, -1, false)'), '\n') .. '\n'
    return got == text
  end, 20)
  if not ok then
    error(('%s\ngot:\n%s\nscreen:\n%s'):format(what, got, screen()), 2)
  end
end

-- How often a text is on the screen.
local function count(part)
  return select(2, screen():gsub(vim.pesc(part), ''))
end
local function gone(part)
  T.wait(part .. ' goes', function()
    return count(part) == 0
  end)
end
local reply = '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```'
local function says(gate)
  local after = #'```go\nfunc add(a, b int) int {\n\treturn a +'
  T.model.says({ text = reply, last = 'return the sum', chunk = 1, gates = { { name = gate, after = after } } })
end
local function pick(first)
  keys(first .. 'GV2j')
  see('VISUAL LINE')
  keys('gra')
  see('Edit selection…')
  see('Explain add')
  keys('1<CR>')
  see('Edit selection:')
  keys('return the sum<CR>')
end

-- The model's text is seen while it is written, with the old one below; the user goes on typing above and below.
says('preview')
pick(3)
T.model.wait_gate('preview')
see('hob: edit writing')
see('return a +')
see('return 0')
text_is('nothing changes', original)
keys('ggO// above<Esc>')
keys('Go// below')
text_is('typed', '// above\n' .. original .. '// below\n')
T.model.release('preview')
see('<CR> accept')
see('return a + b')
text_is('nothing changes yet', '// above\n' .. original .. '// below\n')
keys(' more<Esc><CR>')
text_is('the edit', '// above\n' .. want .. '// below more\n')
gone('<CR> accept')
keys('u')
text_is('one undo: the edit', '// above\n' .. original .. '// below more\n')
keys('uu')
text_is('the typing', original)

-- A session without trouble says nothing: what is in :messages is Neovim's own, of undo and of a terminal that is none.
local said = vim.tbl_filter(function(line)
  return line ~= '' and not line:find('^E1568') and not line:find('^%d+ [%a ]+;') and not line:find('^%d+ %a+ lines?')
end, vim.split(lua("return vim.fn.execute('messages')"), '\n'))
T.eq(said, {}, 'not a word')

-- In the first line, where virtual lines have no line to hang on.
keys('ggdj')
text_is('two lines less', (original:gsub('^package main\n\n', '')))
says('top')
pick(1)
T.model.wait_gate('top')
see('return a +')
T.model.release('top')
see('<CR> accept')
keys('\127') -- as a terminal sends Backspace
gone('<CR> accept')
keys('u')
text_is('as before', original)

-- Without a preview the edit comes by itself, in the middle of typing.
lua('vim.g.hob = { preview = false }')
says('writing')
pick(3)
T.model.wait_gate('writing')
see('hob: edit writing')
keys('ggO// above<Esc>')
text_is('typed', '// above\n' .. original)
keys('Go// below')
text_is('typed', '// above\n' .. original .. '// below\n')
T.eq(count('return a'), 0, 'no preview')
T.model.release('writing')
text_is('the edit', '// above\n' .. want .. '// below\n')
keys(' more<Esc>')
text_is('typed on', '// above\n' .. want .. '// below more\n')
keys('u')
text_is('one undo: what was typed after', '// above\n' .. want .. '// below\n')
keys('u')
text_is('one undo: the edit', '// above\n' .. original .. '// below\n')
keys('u')
text_is('one undo: the line below', '// above\n' .. original)
keys('u')
text_is('one undo: the line above', original)

-- Esc at the question ends the job without a word.
keys('3GVgra')
see('Edit selection…')
keys('1<CR>')
see('Edit selection:')
keys('<Esc>')
T.wait('the job ends', function()
  return lua("return (require('hob').results()[1] or {}).status") == 'cancelled'
end)
text_is('untouched', original)

T.model.says('It returns **zero**.')
keys('3G:Hob explain<CR>')
see('It returns zero.')
see('q closes')
keys('q')
T.wait('the window closes', function()
  return lua('return #vim.api.nvim_list_wins()') == 1
end)
tui.close()
