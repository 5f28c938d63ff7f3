if vim.g.loaded_hob then
  return
end
vim.g.loaded_hob = true

if vim.fn.has('nvim-0.11') == 0 then
  local v = vim.version()
  local message = ('Hob needs Neovim 0.11 or newer; this is %d.%d.%d'):format(v.major, v.minor, v.patch)
  vim.api.nvim_create_user_command('Hob', function()
    vim.notify(message, vim.log.levels.ERROR)
  end, { nargs = '*', range = true, desc = 'Hob (needs Neovim 0.11)' })
  return
end

vim.api.nvim_create_user_command('Hob', function(opts)
  require('hob.commands').run(opts)
end, {
  nargs = '*',
  range = true,
  complete = function(...)
    return require('hob.complete').complete(...)
  end,
  desc = 'Generate, edit and explain with local models',
})

-- The colon is meant: in visual mode it brings the selection along.
for _, name in ipairs({
  'edit', 'generate', 'component', 'document', 'implement', 'test', 'explain', 'review',
  'refactor', 'run', 'fix', 'cancel', 'revert', 'status',
}) do
  vim.keymap.set({ 'n', 'x' }, '<Plug>(hob-' .. name .. ')', ':Hob ' .. name .. '<CR>', { desc = 'Hob: ' .. name })
end

-- For the review that is open in the buffer; vim.g.hob.keys has the keys that come and go with it.
for name, command in pairs({
  accept = 'accept',
  reject = 'reject',
  retry = 'retry',
  ['retry-larger'] = 'retry larger',
  ['hunk-accept'] = 'hunk accept',
  ['hunk-reject'] = 'hunk reject',
  ['hunk-next'] = 'hunk next',
  ['hunk-prev'] = 'hunk prev',
}) do
  vim.keymap.set('n', '<Plug>(hob-' .. name .. ')', '<Cmd>Hob ' .. command .. '<CR>', { desc = 'Hob: ' .. command })
end
