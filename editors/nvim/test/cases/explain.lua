-- An answer is shown in a window and changes nothing.
local T = ...
local original = 'package main\n\nfunc add(a, b int) int { return a + b }\n'
local buf = T.open('main.go', original)
T.model.says('`add` returns the sum of its **two** arguments.\n\nIt has no side effects.')
vim.api.nvim_win_set_cursor(0, { 3, 8 })
T.action('Explain add')
T.eq(T.ended().status, 'answered', 'explain')
local win = vim.api.nvim_get_current_win()
T.eq(vim.api.nvim_win_get_config(win).relative, 'editor', 'a floating window')
T.eq(vim.bo.filetype, 'markdown', 'of Markdown')
T.has(T.text(), 'It has no side effects.', 'the answer')
T.has(vim.inspect(vim.api.nvim_win_get_config(win).title), 'Explain · ollama/qwen2.5-coder:3b', 'the title')
vim.api.nvim_feedkeys('q', 'xt', false)
T.ok(not vim.api.nvim_win_is_valid(win), 'q closes it')
T.eq(vim.api.nvim_get_current_buf(), buf, 'back in the file')
T.eq(T.text(), original, 'untouched')

-- The other way to show it.
vim.g.hob = { answers = 'split' }
T.model.says('It adds.')
vim.cmd.Hob('explain')
T.eq(T.ended().status, 'answered', 'explain')
local split = vim.iter(vim.api.nvim_list_wins()):find(function(w)
  return vim.bo[vim.api.nvim_win_get_buf(w)].filetype == 'markdown'
end)
T.ok(split and vim.api.nvim_win_get_config(split).relative == '', 'a split')
T.eq(vim.api.nvim_get_current_buf(), buf, 'the cursor stays')

-- With a question.
vim.g.hob = nil
vim.cmd.quit({ count = vim.fn.win_id2win(split) })
T.model.says({ text = 'Because it is **safe**.', last = 'why is it "int" and not int64?' })
vim.cmd([[3Hob explain why is it "int" and not int64?]])
T.eq(T.ended().status, 'answered', 'a question')
T.has(T.text(), 'Because it is **safe**.', 'the answer')
vim.cmd.quit()

-- What ended, and how, can be read again.
vim.cmd.Hob('status')
T.wait('the status is shown', function()
  return vim.api.nvim_win_get_config(0).relative == 'editor'
end)
T.has(T.text(), 'fast: ollama/qwen2.5-coder:3b', 'models')
T.has(T.text(), 'explain answered by ollama/qwen2.5-coder:3b in', 'results')
vim.cmd.quit()

-- Who selects goes on with that.
for _, keys in ipairs({ 'V', 'gh' }) do
  T.model.says({ text = 'It adds.', last = 'at leisure', gates = { { name = keys, after = 2 } } })
  vim.cmd('3Hob explain at leisure')
  T.model.wait_gate(keys)
  vim.cmd.normal({ keys, bang = true })
  local mode = vim.api.nvim_get_mode().mode
  T.model.release(keys)
  T.eq(T.ended().status, 'answered', 'explain')
  T.eq({ vim.api.nvim_get_mode().mode, vim.api.nvim_get_current_buf() }, { mode, buf }, 'still in the text')
  T.leave_visual()
  vim.cmd('fclose!')
end
