--- A file that does not exist yet: its text in a window of its own, while it grows and until the user decides. Nothing
--- is on disk, and nothing is a buffer of that name, before it is accepted.
local M = {}

---@class hob.NewFile
---@field client_id integer
---@field buf integer
---@field win integer
---@field shown integer lines that are final

---@type table<string, hob.NewFile> by job
local open = {}

---@param uri string
---@return string
local function name_of(uri)
  return vim.fn.fnamemodify(vim.uri_to_fname(uri), ':~:.')
end

--- Colours as in a file of that name, but no FileType event: this is nothing for other servers to look at.
---@param buf integer
---@param uri string
local function colour(buf, uri)
  local filetype = vim.filetype.match({ filename = vim.uri_to_fname(uri) })
  if filetype and not pcall(vim.treesitter.start, buf, vim.treesitter.language.get_lang(filetype)) then
    vim.bo[buf].syntax = filetype
  end
end

---@return vim.api.keyset.win_config
local function place()
  local height = math.max(1, math.floor(vim.o.lines / 2))
  local width = math.max(20, math.min(88, vim.o.columns - 2))
  if require('hob.config').get().answers == 'split' then
    return { split = 'below', win = -1, height = math.floor(vim.o.lines / 3) }
  end
  return {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - 2,
    col = vim.o.columns,
    width = width,
    height = height,
    style = 'minimal',
    border = 'rounded',
  }
end

---@param file hob.NewFile
---@param title string
---@param footer? string
local function label(file, title, footer)
  if not vim.api.nvim_win_is_valid(file.win) then
    return
  end
  if vim.api.nvim_win_get_config(file.win).relative == '' then
    vim.wo[file.win].winbar = (footer and title .. '   ' .. footer or title):gsub('%%', '%%%%')
    return
  end
  local config = { title = ' ' .. title .. ' ' } ---@type vim.api.keyset.win_config
  if footer then
    config.footer, config.footer_pos = ' ' .. footer .. ' ', 'right'
  end
  vim.api.nvim_win_set_config(file.win, config)
end

---@param file hob.NewFile
---@param lines string[]
local function put(file, lines)
  vim.bo[file.buf].modifiable = true
  vim.api.nvim_buf_set_lines(file.buf, file.shown, -1, false, vim.list_slice(lines, file.shown + 1))
  vim.bo[file.buf].modifiable = false
end

--- The window of a job, opened where there is none yet. Nobody is sent there while the model writes.
---@param job string
---@param uri string
---@param client_id integer
---@return hob.NewFile
local function show(job, uri, client_id)
  if open[job] then
    return open[job]
  end
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden, vim.bo[buf].modifiable = 'wipe', false
  local win = vim.api.nvim_open_win(buf, false, place())
  vim.wo[win].wrap, vim.wo[win].number = false, false
  colour(buf, uri)
  local file = { client_id = client_id, buf = buf, win = win, shown = 0 } ---@type hob.NewFile
  open[job] = file
  return file
end

--- Shows what is written so far.
---@param progress hob.Progress
---@param client_id integer
---@param stage string what the job does, in words
function M.draw(progress, client_id, stage)
  local file = open[progress.job]
  local text = progress.text or ''
  if file and not vim.api.nvim_buf_is_valid(file.buf) then
    return -- the user closed it; the review shows it again
  end
  if not file and (text == '' or vim.fn.getcmdwintype() ~= '') then
    return -- no window can be opened beside the command-line window
  end
  file = file or show(progress.job, progress.uri, client_id)
  if text == '' then -- another attempt
    file.shown = 0
  end
  local lines = vim.split(text, '\r?\n')
  put(file, lines)
  file.shown = #lines - 1 -- the last one still grows
  label(file, ('%s: %s'):format(name_of(progress.uri), stage))
  if vim.api.nvim_win_is_valid(file.win) and vim.api.nvim_get_current_win() ~= file.win then
    vim.api.nvim_win_set_cursor(file.win, { #lines, 0 })
  end
end

--- Shows the whole text to be decided about, and that of other files that come with it. Who waits is sent there, who
--- types is not.
---@param params hob.ReviewParams
---@param client_id integer
---@param footer string
---@return integer bufnr
---@return boolean focused
function M.review(params, client_id, footer)
  if open[params.job] and not vim.api.nvim_buf_is_valid(open[params.job].buf) then
    open[params.job] = nil
  end
  local file = show(params.job, params.uri, client_id)
  local lines = vim.split((params.hunks[1].newText:gsub('\r?\n$', '')), '\r?\n')
  local names = { name_of(params.uri) }
  for _, other in ipairs(params.also or {}) do
    names[#names + 1] = name_of(other.uri)
    vim.list_extend(lines, { '', '-- ' .. name_of(other.uri) .. ' --', '' })
    vim.list_extend(lines, vim.split((other.text:gsub('\r?\n$', '')), '\r?\n'))
  end
  file.shown = 0
  put(file, lines)
  label(file, 'new: ' .. table.concat(names, ', '), footer)
  vim.api.nvim_win_set_cursor(file.win, { 1, 0 })
  local focus = vim.api.nvim_get_mode().mode == 'n' and vim.bo.buftype == ''
  if focus then
    vim.api.nvim_set_current_win(file.win)
  end
  return file.buf, focus
end

--- Takes the window of a job away.
---@param job string
function M.clear(job)
  local file = open[job]
  open[job] = nil
  if file then
    require('hob.window').close(file.buf)
  end
end

return M
