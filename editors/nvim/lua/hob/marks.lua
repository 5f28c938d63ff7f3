--- Draws changes over a buffer without touching its text: old lines are marked, new ones are virtual.
--- Everything hangs on extmarks, so it stays where it belongs while the user types elsewhere.
local M = {}

--- A change of whole lines.
---@class hob.Hunk
---@field first integer first old line, 0-based
---@field last integer behind the last old line; equal to first where lines are only put in
---@field lines string[] the new lines

---@class hob.Look
---@field old string highlight group of the old lines
---@field new string highlight group of the new lines
---@field ahead? boolean the new lines stand before the old ones
---@field above? [string, string][] a virtual line above the change: its chunks

M.ns = vim.api.nvim_create_namespace('hob')

for group, link in pairs({
  HobAdd = 'DiffAdd',
  HobDelete = 'DiffDelete',
  HobOld = 'NonText',
  HobHint = 'Comment',
  HobKey = 'Special',
}) do
  vim.api.nvim_set_hl(0, group, { default = true, link = link })
end

-- Above what tree-sitter (100) and semantic tokens (125) say of the same text.
local priority = 200

--- Virtual text knows no tabs, and has a background only as far as it goes.
---@param line string
---@param group string
---@param tabstop integer
---@return [string, string][]
local function virtual(line, group, tabstop)
  local out, column = {}, 0
  for part, tab in line:gmatch('([^\t]*)(\t?)') do
    out[#out + 1] = part
    column = column + vim.api.nvim_strwidth(part)
    if tab ~= '' then
      local n = tabstop - column % tabstop
      out[#out + 1] = (' '):rep(n)
      column = column + n
    end
  end
  out[#out + 1] = (' '):rep(math.max(0, vim.o.columns - column))
  return { { table.concat(out), group } }
end

--- Virtual lines above the first line of a buffer are not shown, unless the window is scrolled so.
---@param bufnr integer
---@param rows integer
local function reveal_top(bufnr, rows)
  for _, win in ipairs(vim.fn.win_findbuf(bufnr)) do
    vim.api.nvim_win_call(win, function()
      local view = vim.fn.winsaveview()
      if view.topline == 1 and view.topfill < rows then
        vim.fn.winrestview({ topline = 1, topfill = rows })
      end
    end)
  end
end

--- Hangs virtual lines in front of a line.
---@param bufnr integer
---@param row integer 0-based; the number of lines is the end
---@param lines [string, string][][]
---@return integer id
local function hang(bufnr, row, lines)
  if row == 0 then
    local id = vim.api.nvim_buf_set_extmark(bufnr, M.ns, 0, 0, { virt_lines = lines, virt_lines_above = true })
    reveal_top(bufnr, #lines)
    return id
  end
  return vim.api.nvim_buf_set_extmark(bufnr, M.ns, row - 1, 0, { virt_lines = lines })
end

--- Marks whole lines.
---@param bufnr integer
---@param first integer
---@param last integer behind the last one
---@param opts? vim.api.keyset.set_extmark
---@return integer id
function M.span(bufnr, first, last, opts)
  local count = vim.api.nvim_buf_line_count(bufnr)
  first, last = math.min(first, count), math.min(last, count)
  local at = { end_row = last, end_col = 0, end_right_gravity = false, strict = false }
  return vim.api.nvim_buf_set_extmark(bufnr, M.ns, first, 0, vim.tbl_extend('error', at, opts or {}))
end

--- Where a span is now.
---@param bufnr integer
---@param id integer
---@return integer? first
---@return integer? last
function M.where(bufnr, id)
  local at = vim.api.nvim_buf_get_extmark_by_id(bufnr, M.ns, id, { details = true })
  if not at[1] then
    return nil
  end
  local last = at[3].end_row --[[@as integer]]
  if at[3].end_col > 0 then -- the line below was joined to it
    last = last + 1
  end
  return at[1], math.max(at[1], last)
end

--- Draws a change.
---@param bufnr integer
---@param hunk hob.Hunk
---@param look hob.Look
---@return integer[] ids of what was drawn
function M.draw(bufnr, hunk, look)
  local ids, tabstop = {}, vim.bo[bufnr].tabstop
  local lines = vim.tbl_map(function(line)
    return virtual(line, look.new, tabstop)
  end, hunk.lines)
  if hunk.last > hunk.first then
    ids[#ids + 1] = M.span(bufnr, hunk.first, hunk.last, { hl_group = look.old, hl_eol = true, priority = priority })
    if look.above then
      ids[#ids + 1] = hang(bufnr, hunk.first, { look.above })
    end
  elseif look.above then
    table.insert(lines, 1, look.above)
  end
  if #lines > 0 then
    ids[#ids + 1] = hang(bufnr, look.ahead and hunk.first or hunk.last, lines)
  end
  return ids
end

--- Takes away what was drawn.
---@param bufnr integer
---@param ids integer[]
function M.clear(bufnr, ids)
  if vim.api.nvim_buf_is_valid(bufnr) then
    for _, id in ipairs(ids) do
      vim.api.nvim_buf_del_extmark(bufnr, M.ns, id)
    end
  end
end

return M
