--- Shows what the model writes while it writes: new lines stand where they will be, old text that the
--- model has passed or has not come to yet is marked. Nothing in the buffer changes. A file that does not exist yet
--- has a window of its own.
local marks = require('hob.marks')

local M = {}

---@class hob.Progress The parameter of hob/jobProgress.
---@field job string
---@field action string
---@field state 'planning'|'queued'|'loading'|'reading'|'looking'|'writing'|'checking'
---@field uri string
---@field new? boolean there is no such file yet: text is what it will hold
---@field range? lsp.Range where the text will stand
---@field text? string the code so far
---@field again? string why the model is asked another time
---@field output_tokens integer
---@field tokens_per_second number

---@class hob.Preview
---@field client_id integer
---@field bufnr? integer nil for a new file
---@field region integer mark of the lines that will be replaced
---@field progress hob.Progress
---@field drawn integer[]
---@field growth { row: integer, lines: integer } where the text grows: that many virtual lines at a row
---@field waiting boolean a redraw is due
---@field next integer when the next may be, in milliseconds of the loop

---@type table<string, hob.Preview> by job
local running = {}

-- Between two redraws, in milliseconds: where the text grows in sight, for who types, and out of sight; and the part
-- of the editor's time that they may take.
local pace, typing_pace, hidden_pace, share = 50, 200, 1000, 0.03

---@param client vim.lsp.Client
---@param uri string
---@return integer?
local function buffer_of(client, uri)
  for bufnr in pairs(client.attached_buffers) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.uri_from_bufnr(bufnr) == uri then
      return bufnr
    end
  end
end

--- The lines of a range: those that it touches, or none in front of the line where it is empty.
---@param range lsp.Range
---@return integer first
---@return integer last
function M.lines_of(range)
  local first, last = range.start.line, range['end'].line
  if range['end'].character > 0 then
    last = last + 1
  end
  if first == range['end'].line and range.start.character == range['end'].character and range.start.character > 0 then
    first = last -- behind the last line of a text that has no line end
  end
  return first, last
end

--- The lines of a text that the model may be in the middle of. Lines of brackets alone suit many places,
--- so that they stay apart until the next one tells where they belong.
---@param text string
---@param complete boolean
---@return string[] lines
---@return string[] apart
---@return string partial the line being written
function M.written(text, complete)
  local lines, apart = vim.split(text, '\r?\n'), {}
  local partial = table.remove(lines) --[[@as string]]
  if complete then
    if partial ~= '' then
      lines[#lines + 1] = partial
    end
    return lines, apart, ''
  end
  while lines[1] and not lines[#lines]:find('%w') do
    table.insert(apart, 1, table.remove(lines))
  end
  return lines, apart, partial
end

local diff = vim.text.diff or vim.diff ---@diagnostic disable-line: undefined-field

---@param lines string[]
---@return string
local function joined(lines)
  return #lines > 0 and table.concat(lines, '\n') .. '\n' or ''
end

--- What became of the old lines so far, and which the model has not come to yet.
---@param old string[]
---@param text string
---@param complete boolean
---@return hob.Hunk[] hunks relative to the old lines
---@return hob.Hunk? open the last one, whose old lines may still return
function M.compare(old, text, complete)
  local new, apart, partial = M.written(text, complete)
  local found = diff(joined(old), joined(new), { result_type = 'indices', algorithm = 'histogram' })
  local hunks = {} ---@type hob.Hunk[]
  for _, h in ipairs(found --[[@as integer[][] ]]) do
    local first = h[2] == 0 and h[1] or h[1] - 1
    hunks[#hunks + 1] = { first = first, last = first + h[2], lines = vim.list_slice(new, h[3], h[3] + h[4] - 1) }
  end
  if complete then
    return hunks
  end
  local open = hunks[#hunks]
  if open and open.last == #old then
    table.remove(hunks)
  else
    open = { first = #old, last = #old, lines = {} }
  end
  for _, line in ipairs(apart) do
    if #open.lines == 0 and old[open.first + 1] == line then
      open.first = open.first + 1
    else
      table.insert(open.lines, line)
    end
  end
  -- What may become the next old line is no news yet.
  if partial ~= '' and not (#open.lines == 0 and vim.startswith(old[open.first + 1] or '', partial)) then
    table.insert(open.lines, partial)
  end
  return hunks, open
end

---@param p hob.Progress
---@return string
local function stage(p)
  local rate = p.tokens_per_second > 0 and (', %.0f tok/s'):format(p.tokens_per_second) or ''
  local again = p.again and (' (%s)'):format(p.again) or ''
  return ('hob: %s%s%s'):format(p.state, p.state == 'writing' and rate or '', again)
end

--- Whether some window shows the place where the text grows.
---@param preview hob.Preview
---@return boolean
local function in_sight(preview)
  local growth = preview.growth
  if not preview.bufnr then
    return true
  end
  for _, win in ipairs(vim.fn.win_findbuf(preview.bufnr)) do
    local info = vim.fn.getwininfo(win)[1]
    if growth.row >= info.topline - 1 and growth.row + growth.lines <= info.topline + info.height and growth.row <= info.botline then
      return true
    end
  end
  return false
end

---@param preview hob.Preview
local function draw(preview)
  local bufnr, progress = preview.bufnr, preview.progress
  if not bufnr then
    return require('hob.newfile').draw(progress, preview.client_id, stage(progress))
  end
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  local first, last = marks.where(bufnr, preview.region)
  if not first or not last then
    return
  end
  local ids, text = {}, progress.text or ''
  if text ~= '' then
    local old = vim.api.nvim_buf_get_lines(bufnr, first, last, false)
    local hunks, open = M.compare(old, text, progress.state ~= 'writing')
    for _, h in ipairs(hunks) do
      h.first, h.last = h.first + first, h.last + first
      vim.list_extend(ids, marks.draw(bufnr, h, { old = 'HobDelete', new = 'HobAdd' }))
    end
    local added = 0
    for _, h in ipairs(hunks) do
      added = added + #h.lines
    end
    preview.growth = { row = open and open.first + first or last, lines = added + (open and #open.lines or 0) }
    if open then
      open.first, open.last = open.first + first, open.last + first
      vim.list_extend(ids, marks.draw(bufnr, open, { old = 'HobOld', new = 'HobAdd', ahead = true }))
    end
  end
  local row = math.min(first, vim.api.nvim_buf_line_count(bufnr) - 1)
  ids[#ids + 1] = vim.api.nvim_buf_set_extmark(bufnr, marks.ns, row, 0, {
    virt_text = { { stage(progress), 'HobHint' } },
    virt_text_pos = 'eol',
  })
  marks.clear(bufnr, preview.drawn)
  preview.drawn = ids
end

--- Draws now, or as soon as the pace allows; what comes between is joined.
---@param preview hob.Preview
---@param at_once boolean
local function redraw(preview, at_once)
  if preview.waiting and not at_once then
    return
  end
  local function now()
    preview.waiting = false
    if running[preview.progress.job] ~= preview then
      return
    end
    local began = vim.uv.hrtime()
    draw(preview)
    local took = (vim.uv.hrtime() - began) / 1e6
    local least = vim.api.nvim_get_mode().mode:match('^[iR]') and typing_pace or pace
    if not in_sight(preview) then
      least = hidden_pace
    end
    preview.next = vim.uv.now() + math.max(least, math.ceil(took / share))
  end
  vim.uv.update_time()
  local wait = preview.next - vim.uv.now()
  if wait <= 0 or at_once then
    return now()
  end
  preview.waiting = true
  vim.defer_fn(now, wait)
end

--- Begins to show a job, nil where there is nothing to be shown: several files at once are none that one could watch.
---@param progress hob.Progress
---@param client_id integer
---@return hob.Preview?
local function begin(progress, client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  if progress.action == 'refactor' or not client or not require('hob.config').get().preview then
    return nil
  end
  local preview = { client_id = client_id, progress = progress, drawn = {}, waiting = false, next = 0 }
  if not progress.new then
    preview.bufnr = progress.range and buffer_of(client, progress.uri)
    if not preview.bufnr then
      return nil
    end
    local first, last = M.lines_of(progress.range)
    preview.region, preview.growth = marks.span(preview.bufnr, first, last), { row = first, lines = 0 }
  end
  return preview
end

--- hob/jobProgress
---@param progress hob.Progress
---@param client_id integer
function M.progress(progress, client_id)
  local preview = running[progress.job] or begin(progress, client_id)
  if preview then
    local first = (preview.progress.text or '') == '' and (progress.text or '') ~= ''
    running[progress.job] = preview
    preview.progress = progress
    redraw(preview, first) -- what was waited for is seen at once
  end
end

--- Takes a job's preview away; the window of a new file stays, for its review.
---@param job string
function M.clear(job)
  local preview = running[job]
  running[job] = nil
  if preview and preview.bufnr then
    marks.clear(preview.bufnr, preview.drawn)
    marks.clear(preview.bufnr, { preview.region })
  end
end

--- Takes away all previews of a server that has ended.
---@param client_id integer
function M.clear_client(client_id)
  for job, preview in pairs(running) do
    if preview.client_id == client_id then
      M.clear(job)
      require('hob.newfile').clear(job)
    end
  end
end

return M
