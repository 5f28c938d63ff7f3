-- Neovim leaves out what would put a file in the place of another, and calls the edit applied: it is refused instead,
-- whole, and with a reason.
local T = ...
T.write('front.txt', 'front\n')
local buf = T.open('back.go', 'package back\n')
local client = vim.lsp.get_clients({ bufnr = buf, name = 'hob' })[1]
local function uri(name)
  return vim.uri_from_fname(T.work .. '/' .. name)
end
local function rename(from, to, options)
  return { kind = 'rename', oldUri = uri(from), newUri = uri(to), options = options }
end
local function apply(...)
  local first = { textDocument = { uri = uri('back.go'), version = vim.lsp.util.buf_versions[buf] }, edits = {
    { range = { start = { line = 0, character = 0 }, ['end'] = { line = 0, character = 0 } }, newText = '// new\n' },
  } }
  return require('hob.edits').apply({ edit = { documentChanges = { first, ... } } }, { client_id = client.id })
end

-- Two names that are swapped, and a file that is there.
for _, edit in ipairs({
  { rename('front.txt', 'back.go'), rename('back.go', 'front.txt') },
  { rename('back.go', 'front.txt') },
  { { kind = 'create', uri = uri('front.txt') } },
}) do
  local result = apply(unpack(edit))
  T.eq(result.applied, false, 'refused')
  T.has(result.failureReason, 'exists already', 'why')
  T.eq(T.text(buf), 'package back\n', 'none of it is made')
  T.eq(T.read('front.txt'), 'front\n', 'the other file is as it was')
end

-- A place that the edit itself makes free.
local result = apply(rename('front.txt', 'side.txt'), { kind = 'create', uri = uri('front.txt') })
T.eq(result, { applied = true }, 'applied')
T.eq(T.read('side.txt'), 'front\n', 'moved')
T.eq(T.text(buf), '// new\npackage back\n', 'and the text is changed')

-- A buffer of which the server knows nothing, with changes that are not on disk.
vim.cmd.edit(T.write('other.txt', 'one\ntwo\n'))
local other = vim.api.nvim_get_current_buf()
local edit = { textDocument = { uri = uri('other.txt'), version = vim.NIL }, edits = {
  { range = { start = { line = 1, character = 0 }, ['end'] = { line = 2, character = 0 } }, newText = 'TWO\n' },
} }
vim.api.nvim_buf_set_lines(other, 0, 0, false, { 'typed' })
local before = T.text(buf)
result = apply(edit)
T.eq(result, { applied = false, failureReason = 'other.txt has unsaved changes' }, 'refused')
T.eq({ T.text(other), T.text(buf) }, { 'typed\none\ntwo\n', before }, 'none of it is made')
vim.cmd('silent undo')
vim.bo.modified = false
T.eq(apply(edit), { applied = true }, 'applied')
T.eq(T.text(other), 'one\nTWO\n', 'as on disk')

-- A buffer that is not to be changed.
vim.bo[buf].modifiable = false
T.eq(apply(), { applied = false, failureReason = "back.go is not 'modifiable'" }, 'refused')
