--- What the servers said about themselves, for the statusline and :Hob status.
local M = {}

---@class hob.StatusJob
---@field job string
---@field action string
---@field uri string
---@field state string

---@class hob.Status
---@field state 'idle'|'busy'|'degraded'
---@field jobs hob.StatusJob[]
---@field models table<string, string> by tier
---@field message string

---@class hob.Result How a job ended: the parameter of hob/jobDone.
---@field job string
---@field action string
---@field status 'applied'|'declined'|'unchanged'|'answered'|'returned'|'cancelled'|'failed'
---@field answer? string Markdown
---@field diff? string of a job that came too late: what it would have done
---@field tier? string
---@field model? string
---@field why? string
---@field timing_ms? table<string, number>
---@field error? { kind: string, message: string, hint: string }

---@type table<integer, hob.Status> by client id
local now = {}

---@type table<integer, string> what the statusline says of them
local lines = {}

local kept = 20

local tiers = { 'fast', 'balanced', 'quality' } -- from small to large

---@type hob.Result[] newest first
local results = {}

---@param event string
---@param data table
local function announce(event, data)
  vim.api.nvim_exec_autocmds('User', { pattern = event, data = data, modeline = false })
end

---@param status hob.Status
---@return string
local function words(status)
  if status.state == 'idle' then
    return 'hob'
  end
  local job = status.jobs[1]
  if job then
    local more = #status.jobs > 1 and (' +%d'):format(#status.jobs - 1) or ''
    local state = job.state == 'waiting' and 'waits for you' or job.state
    return ('hob: %s %s%s'):format(job.action, state, more)
  end
  return 'hob: ' .. (next(status.models) and 'degraded' or 'no model')
end

---@param client_id integer
---@param status hob.Status
function M.set(client_id, status)
  now[client_id] = status
  local line = words(status):gsub('%%', '%%%%')
  if lines[client_id] ~= line then
    lines[client_id] = line
    vim.cmd.redrawstatus({ bang = true })
  end
  announce('HobStatus', { client_id = client_id, status = status })
end

--- Forgets a server that has ended.
---@param client_id integer
function M.clear_client(client_id)
  now[client_id], lines[client_id] = nil, nil
end

---@param client_id integer
---@param result hob.Result
function M.ended(client_id, result)
  table.insert(results, 1, result)
  results[kept + 1] = nil
  announce('HobJobDone', { client_id = client_id, result = result })
end

--- The last results, newest first.
---@return hob.Result[]
function M.results()
  return results
end

--- Hob's client of a buffer; with any, another one where this buffer has none.
---@param bufnr? integer
---@param any? boolean
---@return vim.lsp.Client?
function M.client(bufnr, any)
  return vim.lsp.get_clients({ name = 'hob', bufnr = bufnr or 0 })[1]
    or any and vim.lsp.get_clients({ name = 'hob' })[1]
    or nil
end

--- What the server of a buffer is doing, nil where there is none.
---@param bufnr? integer
---@return hob.Status?
function M.get(bufnr)
  local client = M.client(bufnr)
  return client and now[client.id]
end

--- The nearest tier above one that has another model, nil where none has.
---@param client_id integer
---@param tier? string
---@param model? string
---@return string?
function M.larger(client_id, tier, model)
  local models = now[client_id] and now[client_id].models or {}
  local above = tier == 'instant' -- which is below them all, and has no model
  for _, t in ipairs(tiers) do
    if above and models[t] and models[t] ~= model then
      return t
    end
    above = above or t == tier
  end
end

--- For the statusline: '' where Hob is not at work in this buffer, 'hob', 'hob: edit writing', 'hob: no model'.
--- Neovim asks after every key, so it looks at what is known and searches for nothing.
---@return string
function M.line()
  local bufnr = vim.api.nvim_get_current_buf()
  for id, line in pairs(lines) do
    local client = vim.lsp.get_client_by_id(id)
    if client and client.attached_buffers[bufnr] then
      return line
    end
  end
  return M.client(0) and 'hob' or '' -- one that has not said anything yet
end

--- A result in a line: what became of it, by which model, how long it took and why.
---@param r hob.Result
---@return string
function M.describe(r)
  local parts = { r.action .. ' ' .. r.status }
  if r.model and r.model ~= '' then
    parts[#parts + 1] = 'by ' .. r.model
  elseif r.tier and r.tier ~= '' then
    parts[#parts + 1] = 'by the ' .. r.tier .. ' tier'
  end
  local total = vim.tbl_get(r, 'timing_ms', 'total')
  if total then
    parts[#parts + 1] = total < 1000 and ('in %.0f ms'):format(total) or ('in %.1f s'):format(total / 1000)
  end
  local line = table.concat(parts, ' ')
  if r.error and r.error.message ~= '' and r.status ~= 'cancelled' then
    line = ('%s: %s'):format(line, r.error.message)
  elseif r.why and r.why ~= '' then
    line = ('%s (%s)'):format(line, r.why)
  end
  return line
end

--- A status as Markdown.
---@param status hob.Status
---@return string[]
function M.markdown(status)
  local text = { '# Hob is ' .. status.state }
  if status.message ~= '' then
    vim.list_extend(text, { '', status.message })
  end
  vim.list_extend(text, { '', '## Models', '' })
  for _, tier in ipairs(tiers) do
    text[#text + 1] = ('- %s: %s'):format(tier, status.models[tier] or 'none')
  end
  if #status.jobs > 0 then
    vim.list_extend(text, { '', '## Running', '' })
    for _, job in ipairs(status.jobs) do
      local name = vim.fs.basename(vim.uri_to_fname(job.uri))
      text[#text + 1] = ('- %s: %s %s, %s'):format(job.job, job.action, name, job.state)
    end
  end
  if #results > 0 then
    vim.list_extend(text, { '', '## Ended', '' })
    for _, r in ipairs(results) do
      text[#text + 1] = ('- %s: %s'):format(r.job, (M.describe(r):gsub('%s+', ' ')))
    end
  end
  return text
end

return M
