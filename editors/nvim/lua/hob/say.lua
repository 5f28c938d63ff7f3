--- What the user is told.
local M = {}

--- Whether Neovim shows messages itself, in the command line: no plugin has taken that over. What is compiled into
--- Neovim has no file.
---@return boolean
local function by_neovim()
  local source = debug.getinfo(vim.notify, 'S').source
  return source == '?' or vim.startswith(source, '@vim/')
end

--- As vim.notify, but for who types: what is too long for the command line would end in "Press ENTER", which takes the
--- next key. So it is cut, and comes whole when the typing has ended.
---@param text string
---@param level integer
---@param opts? table of vim.notify
function M.show(text, level, opts)
  local room = vim.v.echospace
  local fits = vim.fn.strdisplaywidth(text) <= room and not text:find('\n', 1, true)
  if fits or not vim.api.nvim_get_mode().mode:match('^[iR]') or not by_neovim() then
    return vim.notify(text, level, opts)
  end
  local cut = vim.fn.strcharpart(text:gsub('%s+', ' '), 0, room - 1) .. '…'
  -- What is no error is drawn over at once, by Neovim's mode.
  vim.api.nvim_echo({ { cut } }, false, { err = level >= vim.log.levels.ERROR })
  vim.api.nvim_create_autocmd('ModeChanged', { -- CTRL-C ends typing without InsertLeave
    pattern = '*:n',
    once = true,
    callback = vim.schedule_wrap(function()
      M.show(text, level, opts)
    end),
  })
end

--- Tells the user something in Hob's name.
---@param message string
---@param level? integer a warning
function M.say(message, level)
  M.show('Hob: ' .. message, level or vim.log.levels.WARN)
end

return M
