-- Completion, and words that mean nothing.
local T = ...
vim.g.hob = { preview = false }
local function complete(line)
  return vim.fn.getcompletion(line, 'cmdline')
end
-- What there is at all is compared with the server's table by manifest_test.go.
T.eq(complete('Hob '), vim.fn.sort(vim.tbl_keys(require('hob.commands').subcommands)), 'subcommands')
T.ok(vim.tbl_contains(complete('Hob '), 'accept') and vim.tbl_contains(complete('Hob '), 'edit'), 'the usual ones')
T.eq(complete('Hob e'), { 'edit', 'explain' }, 'those with e')
T.eq(complete("'<,'>Hob doc"), { 'document' }, 'behind a range')
T.eq(complete('Hob edit '), { 'model=', 'tier=' }, 'options')
T.eq(complete('Hob edit tier=b'), { 'tier=balanced' }, 'values')
T.eq(complete('Hob edit tier=fast m'), { 'model=' }, 'more options')
T.eq(complete('Hob edit change m'), {}, 'not within the instruction')
T.eq(complete('Hob nonsense '), {}, 'of nothing')
T.eq(complete('Hob hunk '), { 'accept', 'next', 'prev', 'reject' }, 'of hunks')
T.eq(complete('Hob retry '), { 'larger', 'tier=' }, 'of retry')
T.eq(complete('Hob retry t'), { 'tier=' }, 'options of retry')
T.eq(complete('Hob retry tier=f'), { 'tier=fast' }, 'their values')
T.eq(complete('Hob retry make it l'), {}, 'not within the instruction')

vim.cmd.Hob('nonsense')
T.eq(#T.told('there is no subcommand "nonsense"; there are accept, cancel, component', vim.log.levels.ERROR), 1, 'unknown')
local options, words = require('hob.commands').options_of('tier= name=x it dir=y', { 'tier', 'name', 'dir' })
T.eq({ options, words }, { { name = 'x' }, 'it dir=y' }, 'an option without a value is none')

-- Where there is no server it is said why.
local function no_server(why)
  vim.cmd.Hob('edit it')
  T.eq(#T.told(why, vim.log.levels.ERROR), 1, why)
end
no_server('works on the files of a project, and this buffer is none')
vim.cmd.edit(T.write('notes', 'a\n'))
no_server("works on files that have a 'filetype', and this one has none")
vim.lsp.enable('hob', false)
vim.cmd.edit(T.write('a.py', 'a = 1\n'))
no_server("vim.lsp.enable('hob') starts it")
vim.lsp.enable('hob')

T.open('a.py', 'a = 1\n')
T.model.wait_listed()
T.wait('models are completed', function()
  return vim.deep_equal(complete('Hob edit model='), { 'model=ollama/qwen2.5-coder:3b' })
end)
-- A refusal of the server reaches the user in its words.
vim.cmd.Hob('edit tier=slow it')
T.wait('the refusal is shown', function()
  return #T.told('use instant, fast, balanced or quality', vim.log.levels.ERROR) == 1
end)
T.eq(#T.told('', vim.log.levels.ERROR), 5, 'each is said once')

-- An instruction is taken as it is written.
T.model.says({ text = '```python\na = 2\n```', last = [[use "two" | not 'one' \ key=value]] })
vim.cmd([[1Hob edit use "two" | not 'one' \ key=value]])
T.eq(T.ended().status, 'applied', 'odd characters')

-- Where Hob has nothing to do it is not started.
for _, name in ipairs({ '', 'fugitive:///a/.git//0/a.py', vim.fs.normalize('~') .. '/loose.py' }) do
  vim.cmd.enew()
  if name ~= '' then
    vim.api.nvim_buf_set_name(0, name)
  end
  vim.bo.filetype = 'python'
  T.eq(require('hob.config').root(0), nil, 'no project for "' .. name .. '"')
end
T.eq(require('hob').statusline(), '', 'nothing in the statusline there')
