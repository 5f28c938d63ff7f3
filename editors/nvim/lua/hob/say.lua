--- What the user is told.
local M = {}

--- Whether Neovim shows messages itself, in the command line: no plugin has taken that over. What is compiled into
--- Neovim has no file.
---@return boolean
local function by_neovim()
  local source = debug.getinfo(vim.notify, 'S').source
  return source == '?' or vim.startswith(source, '@vim/')
end

--- Says something when a mode is left.
---@param change string pattern of ModeChanged
---@param ... any of M.show
local function later(change, ...)
  local what = { ... }
  vim.api.nvim_create_autocmd('ModeChanged', { -- CTRL-C ends typing without InsertLeave
    pattern = change,
    once = true,
    callback = vim.schedule_wrap(function()
      M.show(unpack(what, 1, 3))
    end),
  })
end

--- As vim.notify, but for who types: what is too long for the command line would end in "Press ENTER", which takes the
--- next key. So it is cut, and comes whole when the typing has ended. An error would end the question that is being
--- asked, with a stack of Neovim's own: it comes when that is answered.
---@param text string
---@param level integer
---@param opts? table of vim.notify
function M.show(text, level, opts)
  local mode, bad = vim.api.nvim_get_mode().mode, level >= vim.log.levels.ERROR
  if bad and mode:match('^c') and by_neovim() then
    return later('c*:*', text, level, opts)
  end
  local room = vim.v.echospace
  local fits = vim.fn.strdisplaywidth(text) <= room and not text:find('\n', 1, true)
  if fits or not mode:match('^[iR]') or not by_neovim() then
    return vim.notify(text, level, opts)
  end
  local cut = vim.fn.strcharpart(text:gsub('%s+', ' '), 0, room - 1) .. '…'
  -- What is no error is drawn over at once, by Neovim's mode.
  vim.api.nvim_echo({ { cut } }, false, { err = bad })
  later('*:n', text, level, opts)
end

--- Tells the user something in Hob's name.
---@param message string
---@param level? integer a warning
function M.say(message, level)
  M.show('Hob: ' .. message, level or vim.log.levels.WARN)
end

return M
