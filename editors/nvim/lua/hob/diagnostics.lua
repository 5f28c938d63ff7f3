--- What is wrong with the text, whichever server or linter said so.
local M = {}

---@param bufnr integer
---@param lnum integer 0-based
---@param col number byte; math.huge is the end of the line
---@param encoding string
---@return lsp.Position
function M.position(bufnr, lnum, col, encoding)
  local line = vim.api.nvim_buf_get_lines(bufnr, lnum, lnum + 1, false)[1] or ''
  return { line = lnum, character = vim.str_utfindex(line, encoding, math.min(col, #line), false) }
end

--- The diagnostics of lines, the worst first. Their columns are bytes here, whatever encoding the
--- server speaks that they come from.
---@param bufnr integer
---@param first integer 0-based
---@param last integer inclusive
---@param encoding string
---@return lsp.Diagnostic[]
function M.of(bufnr, first, last, encoding)
  local found = {}
  for _, d in ipairs(vim.diagnostic.get(bufnr)) do
    local end_lnum = d.end_lnum or d.lnum
    if d.lnum <= last and end_lnum >= first then
      found[#found + 1] = {
        range = {
          start = M.position(bufnr, d.lnum, d.col, encoding),
          ['end'] = M.position(bufnr, end_lnum, d.end_col or d.col, encoding),
        },
        severity = d.severity,
        message = d.message,
        source = d.source,
        code = d.code,
      }
    end
  end
  table.sort(found, function(a, b)
    return a.severity < b.severity
  end)
  return found
end

return M
