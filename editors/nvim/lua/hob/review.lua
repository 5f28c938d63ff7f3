--- The changes that a job wants to make, shown over the text until the user decides. Whoever types
--- meanwhile moves them along; the server puts what is accepted onto the newest text.
local marks = require('hob.marks')
local config = require('hob.config')
local keys = require('hob.keys')
local status = require('hob.status')
local say = require('hob.say').say

local M = {}

--- The answer where the text is another one, so that the server asks anew.
---@type hob.ReviewResult
M.moved = {}

---@class hob.ReviewParams The parameter of hob/review.
---@field job string
---@field action string
---@field uri string
---@field version integer that hunks speak of
---@field new? boolean there is no such file yet: the one hunk is the whole text
---@field hunks { range: lsp.Range, newText: string }[]
---@field also? { uri: string, text: string }[] other new files, which stand and fall with it
---@field tier? string
---@field model? string

---@class hob.ReviewResult
---@field accept? boolean
---@field hunks? integer[] those accepted, counted from 0; nil: all
---@field retry? hob.Retry

---@class hob.Retry What should be otherwise.
---@field prompt? string
---@field tier? string

---@class hob.ReviewHunk
---@field anchor integer mark of the old lines
---@field lines string[] new ones
---@field state 'open'|'accepted'|'rejected'
---@field drawn integer[]

---@class hob.Review
---@field params hob.ReviewParams
---@field client_id integer
---@field bufnr integer
---@field hunks hob.ReviewHunk[]
---@field answer fun(result: hob.ReviewResult?)

---@class hob.Reviews The reviews of one buffer: the first is shown, others wait.
---@field list hob.Review[]
---@field keys hob.Mapped[]
---@field group integer of autocommands

---@type table<integer, hob.Reviews> by buffer
local open = {}

---@param bufnr integer
---@return hob.Review?
function M.of(bufnr)
  return open[bufnr] and open[bufnr].list[1]
end

---@param hunk hob.ReviewHunk
---@param bufnr integer
---@return integer first
---@return integer last
local function rows(hunk, bufnr)
  local first, last = marks.where(bufnr, hunk.anchor)
  return first or 0, last or 0
end

---@param review hob.Review
---@return integer[] indices of the hunks that are not decided
local function undecided(review)
  local left = {}
  for i, hunk in ipairs(review.hunks) do
    if hunk.state == 'open' then
      left[#left + 1] = i
    end
  end
  return left
end

-- What the hint names, in this order; of one change, and of several.
---@type { key: string, one?: string, many: string }[]
local hints = {
  { key = 'accept', one = 'accept', many = 'all' },
  { key = 'reject', one = 'reject', many = 'none' },
  { key = 'hunk_accept', many = 'take' },
  { key = 'hunk_reject', many = 'skip' },
  { key = 'hunk_next', many = 'next' },
  { key = 'retry', one = 'other instruction', many = 'retry' },
  { key = 'retry_larger', one = 'larger model', many = 'larger' },
}

---@param review hob.Review
---@return string? tier
local function larger(review)
  return status.larger(review.client_id, review.params.tier, review.params.model)
end

---@param review hob.Review
---@return [string, string][]
local function hint(review)
  local lhs, several = config.get().keys, #review.hunks > 1
  local title = several and ('hob: %d of %d '):format(#undecided(review), #review.hunks) or ('hob: %s '):format(review.params.action)
  local chunks = { { title, 'HobHint' } }
  for _, h in ipairs(hints) do
    local text, key = h.one, lhs[h.key]
    if several then
      text = h.many
    end
    if text and key and (h.key ~= 'retry_larger' or larger(review)) then
      chunks[#chunks + 1] = { ' ' .. key, 'HobKey' }
      chunks[#chunks + 1] = { ' ' .. text .. ' ', 'HobHint' }
    end
  end
  return chunks
end

---@param review hob.Review
local function undraw(review)
  for _, hunk in ipairs(review.hunks) do
    marks.clear(review.bufnr, hunk.drawn)
    hunk.drawn = {}
  end
end

---@param review hob.Review
local function draw(review)
  undraw(review)
  local above = hint(review) ---@type [string, string][]?
  for _, hunk in ipairs(review.hunks) do
    if hunk.state ~= 'rejected' then
      local first, last = rows(hunk, review.bufnr)
      local look = { old = hunk.state == 'open' and 'HobDelete' or 'HobOld', new = 'HobAdd' }
      if hunk.state == 'open' then
        look.above, above = above, nil
      end
      hunk.drawn = marks.draw(review.bufnr, { first = first, last = last, lines = hunk.lines }, look)
    end
  end
end

---@param review hob.Review
---@param i integer of a hunk
local function go_to(review, i)
  local hunk = review.hunks[i]
  local first, last = rows(hunk, review.bufnr)
  vim.cmd.normal({ "m'", bang = true })
  vim.api.nvim_win_set_cursor(0, { math.min(first + 1, vim.api.nvim_buf_line_count(review.bufnr)), 0 })
  vim.cmd.normal({ 'zv', bang = true })
  -- The new lines below the old ones have to be in sight, too.
  if vim.fn.winline() + last - first + #hunk.lines > vim.api.nvim_win_get_height(0) then
    vim.cmd.normal({ 'zz', bang = true })
  end
end

---@type fun(review: hob.Review, result: hob.ReviewResult?)
local finish

-- What can be done with a review: the keys, and the words of :Hob.
---@type table<string, fun(review: hob.Review)>
local acts = {}

--- The undecided hunk at the cursor, else the next one.
---@param review hob.Review
---@return integer
local function current(review)
  local row, left = vim.api.nvim_win_get_cursor(0)[1] - 1, undecided(review)
  for _, i in ipairs(left) do
    local first, last = rows(review.hunks[i], review.bufnr)
    if row < math.max(last, first + 1) then
      return i
    end
  end
  return left[#left]
end

---@param review hob.Review
---@param state 'accepted'|'rejected'
local function decide(review, state)
  local i = current(review)
  review.hunks[i].state = state
  local left = undecided(review)
  if #left > 0 then
    draw(review)
    return go_to(review, current(review))
  end
  acts.accept(review)
end

function acts.accept(review)
  local accepted = {}
  for i, hunk in ipairs(review.hunks) do
    if hunk.state ~= 'rejected' then
      accepted[#accepted + 1] = i - 1
    end
  end
  if #accepted == #review.hunks then
    return finish(review, { accept = true })
  end
  finish(review, #accepted > 0 and { accept = true, hunks = accepted } or { accept = false })
end

function acts.reject(review)
  finish(review, { accept = false })
end

function acts.hunk_accept(review)
  decide(review, 'accepted')
end

function acts.hunk_reject(review)
  decide(review, 'rejected')
end

---@param review hob.Review
---@param backwards boolean
local function step(review, backwards)
  local row, left = vim.api.nvim_win_get_cursor(0)[1] - 1, undecided(review)
  local from, to, by = 1, #left, 1
  if backwards then
    from, to, by = #left, 1, -1
  end
  for n = from, to, by do
    local first = math.min(rows(review.hunks[left[n]], review.bufnr), vim.api.nvim_buf_line_count(review.bufnr) - 1)
    if (backwards and first < row) or (not backwards and first > row) then
      return go_to(review, left[n])
    end
  end
  go_to(review, left[from]) -- around the end
end

function acts.hunk_next(review)
  step(review, false)
end

function acts.hunk_prev(review)
  step(review, true)
end

--- The document that the instruction is about, nil where it does not exist yet.
---@param review hob.Review
---@return string?
local function about(review)
  return not review.params.new and review.params.uri or nil
end

function acts.retry(review)
  local instruction = require('hob.requests').instruction(about(review))
  vim.ui.input({ prompt = 'Try again: ', default = instruction }, function(value)
    if value and vim.trim(value) ~= '' and M.of(review.bufnr) == review then
      finish(review, { retry = { prompt = vim.trim(value) } })
    end
  end)
end

function acts.retry_larger(review)
  local tier = larger(review)
  if not tier then
    return say('there is no larger model')
  end
  finish(review, { retry = { tier = tier } })
end

---@param review hob.Review
---@param is_open boolean
local function announce(review, is_open)
  local data = { bufnr = review.bufnr, job = review.params.job, hunks = #review.hunks, open = is_open }
  vim.api.nvim_exec_autocmds('User', { pattern = 'HobReview', data = data, modeline = false })
end

--- Whether a window of this tab page shows a line, and no closed fold hides it.
---@param bufnr integer
---@param row integer 1-based; one more than there are lines for changes behind the last
---@return boolean
local function in_sight(bufnr, row)
  local tab, last = vim.api.nvim_get_current_tabpage(), vim.api.nvim_buf_line_count(bufnr)
  for _, win in ipairs(vim.fn.win_findbuf(bufnr)) do
    if vim.api.nvim_win_get_tabpage(win) == tab and row >= vim.fn.line('w0', win) and row <= vim.fn.line('w$', win) + 1 then
      local fold = vim.api.nvim_win_call(win, function()
        return vim.fn.foldclosed(math.min(row, last))
      end)
      if fold == -1 then
        return true
      end
    end
  end
  return false
end

--- Shows a review, and says so where it can't be seen.
---@param review hob.Review
local function show(review)
  draw(review)
  announce(review, true)
  local row = rows(review.hunks[1], review.bufnr) + 1
  if in_sight(review.bufnr, row) then
    return
  end
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(review.bufnr), ':~:.')
  local next_key = config.get().keys.hunk_next or ':Hob hunk next'
  say(('%s waits for your review at line %d of %s; %s goes there'):format(review.params.action, row, name, next_key), vim.log.levels.INFO)
end

---@param review hob.Review
local function forget(review)
  local reviews = open[review.bufnr]
  local shown = reviews.list[1] == review
  for i, r in ipairs(reviews.list) do
    if r == review then
      table.remove(reviews.list, i)
    end
  end
  undraw(review)
  for _, hunk in ipairs(review.hunks) do
    marks.clear(review.bufnr, { hunk.anchor })
  end
  if #reviews.list == 0 then
    keys.unmap(review.bufnr, reviews.keys)
    vim.api.nvim_del_augroup_by_id(reviews.group)
    open[review.bufnr] = nil
  end
  announce(review, false)
  if shown and reviews.list[1] then
    show(reviews.list[1])
  end
end

function finish(review, result)
  forget(review)
  if result and result.retry then
    require('hob.requests').instructed(result.retry.prompt, about(review))
  end
  require('hob.newfile').clear(review.params.job)
  review.answer(result)
end

--- The file to be made that waits for a decision: it can be made from anywhere.
---@return hob.Review?
local function new_file()
  for _, reviews in pairs(open) do
    if reviews.list[1].params.new then
      return reviews.list[1]
    end
  end
end

--- Does with the review of a buffer what a key or a command says.
---@param act 'accept'|'reject'|'retry'|'retry_larger'|'hunk_accept'|'hunk_reject'|'hunk_next'|'hunk_prev'
---@param bufnr? integer
function M.act(act, bufnr)
  bufnr = bufnr or vim.api.nvim_get_current_buf()
  local review = M.of(bufnr) or new_file()
  if review and not (review.params.new and vim.startswith(act, 'hunk_')) then
    return acts[act](review)
  end
  local other = next(open)
  local where = other and '; there is one in ' .. vim.fn.fnamemodify(vim.api.nvim_buf_get_name(other), ':~:.') or ''
  say('there is nothing to review in this buffer' .. where)
end

--- Tries again with what is given.
---@param retry hob.Retry
function M.retry(retry)
  local review = M.of(vim.api.nvim_get_current_buf()) or new_file()
  if not review or not (retry.prompt or retry.tier) then
    return M.act('retry')
  end
  finish(review, { retry = retry })
end

--- Takes away the reviews of a job, of a server or of a text which have ended.
---@param ended fun(review: hob.Review): boolean
---@param result? hob.ReviewResult
local function drop(ended, result)
  for _, reviews in pairs(vim.tbl_extend('force', {}, open)) do
    for _, review in ipairs(vim.list_slice(reviews.list)) do
      if ended(review) then
        finish(review, result)
      end
    end
  end
end

---@param job string
function M.clear(job)
  drop(function(review)
    return review.params.job == job
  end)
end

---@param client_id integer
function M.clear_client(client_id)
  drop(function(review)
    return review.client_id == client_id
  end)
end

--- The buffer as the server has seen it, or nil where it was changed since.
---@param params hob.ReviewParams
---@return integer?
local function buffer_of(params)
  local bufnr = vim.uri_to_bufnr(params.uri)
  local version = vim.lsp.util.buf_versions[bufnr]
  return vim.api.nvim_buf_is_loaded(bufnr) and version == params.version and bufnr or nil
end

--- Shows a review in its buffer, or has it wait for the one that is shown there.
---@param review hob.Review
---@param names string[] of the keys
local function enter(review, names)
  local bufnr = review.bufnr
  if not open[bufnr] then
    local mapped = keys.map(bufnr, names, function(act)
      M.act(act, bufnr)
    end)
    local group = vim.api.nvim_create_augroup('hob.review.' .. bufnr, { clear = true })
    open[bufnr] = { list = {}, keys = mapped, group = group }
    -- Under another name the buffer is another file, which is not the one that the job is about. Where it was read
    -- again, its lines are others.
    vim.api.nvim_create_autocmd({ 'BufUnload', 'BufFilePost', 'BufReadPost' }, {
      group = group,
      buffer = bufnr,
      once = true,
      callback = vim.schedule_wrap(function(ev)
        local again = ev.event ~= 'BufFilePost' and vim.api.nvim_buf_is_loaded(bufnr)
        drop(function(r)
          return r.bufnr == bufnr
        end, again and M.moved or nil)
      end),
    })
  end
  table.insert(open[bufnr].list, review)
end

--- Asks about a file to be made.
---@param params hob.ReviewParams
---@param client_id integer
---@param answer fun(result: hob.ReviewResult?)
local function open_new(params, client_id, answer)
  local review = { params = params, client_id = client_id, bufnr = 0, hunks = {}, answer = answer }
  local footer = {}
  for _, chunk in ipairs(hint(review)) do
    footer[#footer + 1] = chunk[1]
  end
  local bufnr, focused = require('hob.newfile').review(params, client_id, vim.trim(table.concat(footer)))
  review.bufnr = bufnr
  enter(review, { 'accept', 'reject', 'retry', 'retry_larger' })
  vim.keymap.set('n', 'q', function()
    acts.reject(review)
  end, { buffer = bufnr, nowait = true, desc = 'Hob: ' .. keys.all.reject.desc })
  announce(review, true)
  if not focused then
    local name = vim.fn.fnamemodify(vim.uri_to_fname(params.uri), ':~:.')
    say(('%s waits for your review; :Hob accept makes %s, :Hob reject does not'):format(params.action, name), vim.log.levels.INFO)
  end
end

--- Opens a review; answer is called once, with what the user decided, or with M.moved.
---@param params hob.ReviewParams
---@param client_id integer
---@param answer fun(result: hob.ReviewResult?)
function M.open(params, client_id, answer)
  require('hob.preview').clear(params.job)
  if params.new then
    return open_new(params, client_id, answer)
  end
  local bufnr = buffer_of(params)
  if not bufnr then
    return answer(M.moved)
  end
  local review = { params = params, client_id = client_id, bufnr = bufnr, hunks = {}, answer = answer }
  for i, hunk in ipairs(params.hunks) do
    local first, last = require('hob.preview').lines_of(hunk.range)
    local lines = vim.split(hunk.newText, '\r?\n')
    if lines[#lines] == '' then
      table.remove(lines)
    end
    review.hunks[i] = { anchor = marks.span(bufnr, first, last), lines = lines, state = 'open', drawn = {} }
  end
  enter(review, vim.tbl_keys(keys.all))
  if #open[bufnr].list == 1 then
    show(review)
  end
end

return M
