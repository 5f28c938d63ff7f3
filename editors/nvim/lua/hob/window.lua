--- Windows of Hob's own: answers and the status, which are Markdown, and the plan.
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
---@param footer string
---@param focus boolean
---@return integer win
local function float(buf, lines, title, footer, focus)
  local width = math.min(wide, vim.o.columns - 4)
  local longest = 0
  for _, line in ipairs(lines) do
    longest = math.max(longest, vim.fn.strdisplaywidth(line))
  end
  longest = math.max(longest, vim.fn.strdisplaywidth(title) + 2, vim.fn.strdisplaywidth(footer) + 2)
  width = math.max(math.min(width, longest), 20)
  local height = math.max(1, math.min(rows(lines, width), vim.o.lines - 6))
  return vim.api.nvim_open_win(buf, focus, {
    relative = 'editor',
    row = math.max(0, math.floor((vim.o.lines - height) / 2) - 2),
    col = math.max(0, math.floor((vim.o.columns - width) / 2) - 1),
    width = width,
    height = height,
    style = 'minimal',
    border = 'rounded',
    title = ' ' .. title .. ' ',
    footer = ' ' .. footer .. ' ',
    footer_pos = 'right',
  })
end

---@class hob.WindowOpts
---@field footer? string what the keys do; 'q closes'
---@field filetype? string 'markdown'
---@field focus? boolean a split is gone to as well

--- Opens a window, as vim.g.hob.answers says. Who types or selects goes on with that; who waits is in it.
---@param title string
---@param text string|string[]
---@param opts? hob.WindowOpts
---@return integer win
---@return integer buf
---@return boolean focused
function M.open(title, text, opts)
  opts = opts or {}
  local lines = type(text) == 'table' and text or vim.split(vim.trim(text --[[@as string]]), '\r?\n')
  local footer, filetype = opts.footer or 'q closes', opts.filetype or 'markdown'
  local typing = vim.api.nvim_get_mode().mode:match('^nt?$') == nil
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].modifiable = false
  local win, focused
  if require('hob.config').get().answers == 'split' then
    focused = opts.focus and not typing or false
    win = vim.api.nvim_open_win(buf, focused, { split = 'below', win = -1, height = math.floor(vim.o.lines / 3) })
    vim.wo[win].winbar = (opts.footer and title .. '   ' .. footer or title):gsub('%%', '%%%%')
  else
    focused = not typing
    win = float(buf, lines, title, footer, focused)
  end
  vim.wo[win].wrap = true
  vim.wo[win].linebreak = true
  if filetype == 'markdown' then
    vim.wo[win].conceallevel = 2
    vim.wo[win].concealcursor = 'n'
  end
  vim.bo[buf].filetype = filetype
  if filetype == 'markdown' then
    pcall(vim.treesitter.start, buf, 'markdown') -- without the parser it is plain text
  end
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, function()
      pcall(vim.api.nvim_win_close, win, true) -- the last window can't be closed
    end, { buffer = buf, nowait = true, desc = 'Close' })
  end
  return win, buf, focused
end

---@param buf integer
local function close(buf)
  if not vim.api.nvim_buf_is_valid(buf) then
    return
  end
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    pcall(vim.api.nvim_win_close, win, true) -- the last window can't be closed
  end
  if vim.api.nvim_buf_is_valid(buf) then
    vim.api.nvim_buf_delete(buf, { force = true })
  end
end

--- Closes all windows of a buffer of Hob's own, and takes it away.
---@param buf integer
function M.close(buf)
  require('hob.rest').outside(function()
    close(buf)
  end)
end

return M
