--- Shows Markdown: answers and the status.
local M = {}

local wide = 88

---@param lines string[]
---@param width integer
---@return integer rows that the lines take when wrapped
local function rows(lines, width)
  local n = 0
  for _, line in ipairs(lines) do
    n = n + math.max(1, math.ceil(vim.fn.strdisplaywidth(line) / width))
  end
  return n
end

---@param buf integer
---@param lines string[]
---@param title string
---@return integer win
local function float(buf, lines, title)
  local width = math.min(wide, vim.o.columns - 4)
  local longest = 0
  for _, line in ipairs(lines) do
    longest = math.max(longest, vim.fn.strdisplaywidth(line))
  end
  width = math.max(math.min(width, math.max(longest, vim.fn.strdisplaywidth(title) + 2)), 20)
  local height = math.max(1, math.min(rows(lines, width), vim.o.lines - 6))
  -- Who types goes on typing; who waits for the answer is in it.
  local focus = not vim.api.nvim_get_mode().mode:match('^[iRct]')
  return vim.api.nvim_open_win(buf, focus, {
    relative = 'editor',
    row = math.max(0, math.floor((vim.o.lines - height) / 2) - 2),
    col = math.max(0, math.floor((vim.o.columns - width) / 2) - 1),
    width = width,
    height = height,
    style = 'minimal',
    border = 'rounded',
    title = ' ' .. title .. ' ',
    footer = ' q closes ',
    footer_pos = 'right',
  })
end

--- Opens a window with Markdown, as vim.g.hob.answers says.
---@param title string
---@param text string|string[]
---@return integer win
---@return integer buf
function M.open(title, text)
  local lines = type(text) == 'table' and text or vim.split(vim.trim(text --[[@as string]]), '\r?\n')
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].modifiable = false
  local win
  if require('hob.config').get().answers == 'split' then
    win = vim.api.nvim_open_win(buf, false, { split = 'below', win = -1, height = math.floor(vim.o.lines / 3) })
    vim.wo[win].winbar = title:gsub('%%', '%%%%')
  else
    win = float(buf, lines, title)
  end
  vim.wo[win].wrap = true
  vim.wo[win].linebreak = true
  vim.wo[win].conceallevel = 2
  vim.wo[win].concealcursor = 'n'
  vim.bo[buf].filetype = 'markdown'
  pcall(vim.treesitter.start, buf, 'markdown') -- without the parser it is plain text
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, function()
      pcall(vim.api.nvim_win_close, win, true) -- the last window can't be closed
    end, { buffer = buf, nowait = true, desc = 'Close' })
  end
  return win, buf
end

return M
