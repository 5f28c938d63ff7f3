--- The plan of a change over several files, before it is carried out: a list, one step a line in plain text, of
--- which any can be left out.
local say = require('hob.say').say

local M = {}

---@class hob.PlanParams The parameter of hob/plan.
---@field job string
---@field action string
---@field title string
---@field steps { uri: string, title: string }[]
---@field takes_ms number predicted; 0 if nothing is known
---@field model string that made it; '' if it was made by program

---@class hob.PlanStep
---@field index integer as the server counts, from 0
---@field title string
---@field ticked boolean

---@class hob.Plan
---@field params hob.PlanParams
---@field client_id integer
---@field buf integer 0 until it is shown
---@field steps hob.PlanStep[] one a line
---@field removed { at: integer, step: hob.PlanStep }[] the last one at the end
---@field answer fun(result: { steps: integer[] }?)

---@type table<integer, hob.Plan> by buffer
local open = {}

local ns = vim.api.nvim_create_namespace('hob.plan')

---@param plan hob.Plan
---@return string
local function title_of(plan)
  local p = plan.params
  local by = p.model ~= '' and ' by ' .. p.model or ''
  local takes = p.takes_ms >= 1000 and (', about %.0f s'):format(p.takes_ms / 1000) or ''
  return ('%s: plan%s%s'):format(p.title, by, takes)
end

---@param step hob.PlanStep
---@return string
local function line_of(step)
  return ('[%s] %s'):format(step.ticked and 'x' or ' ', (step.title:gsub('%s+', ' ')))
end

---@param plan hob.Plan
local function draw(plan)
  local buf = plan.buf
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, vim.tbl_map(line_of, plan.steps))
  vim.bo[buf].modifiable = false
  vim.api.nvim_buf_clear_namespace(buf, ns, 0, -1)
  for i, step in ipairs(plan.steps) do
    if not step.ticked then
      vim.api.nvim_buf_set_extmark(buf, ns, i - 1, 0, { line_hl_group = 'HobOld' })
    end
  end
end

--- Ends a plan with the user's answer; nil declines.
---@param plan hob.Plan
---@param result { steps: integer[] }?
local function finish(plan, result)
  if open[plan.buf] ~= plan then
    return
  end
  open[plan.buf] = nil
  require('hob.window').close(plan.buf)
  plan.answer(result)
end

--- What can be done with a plan; lines are those selected, or that of the cursor.
---@type table<string, fun(plan: hob.Plan, first: integer, last: integer)>
local acts = {}

function acts.accept(plan)
  local steps = {}
  for _, step in ipairs(plan.steps) do
    if step.ticked then
      steps[#steps + 1] = step.index
    end
  end
  if #steps == 0 then
    return say('no step of the plan is ticked; q declines it')
  end
  finish(plan, { steps = steps })
end

function acts.reject(plan)
  finish(plan, nil)
end

function acts.toggle(plan, first, last)
  local all = true
  for i = first, last do
    all = all and plan.steps[i].ticked
  end
  for i = first, last do
    plan.steps[i].ticked = not all
  end
  draw(plan)
end

function acts.remove(plan, first, last)
  for _ = first, last do
    table.insert(plan.removed, { at = first, step = table.remove(plan.steps, first) })
  end
  draw(plan)
end

function acts.restore(plan)
  local was = table.remove(plan.removed)
  if was then
    table.insert(plan.steps, math.min(was.at, #plan.steps + 1), was.step)
    draw(plan)
    vim.api.nvim_win_set_cursor(0, { was.at, 0 })
  end
end

---@type { lhs: string, mode: string, act: string, desc: string }[]
local keys = {
  { lhs = '<CR>', mode = 'n', act = 'accept', desc = 'carry out the steps that are ticked' },
  { lhs = 'q', mode = 'n', act = 'reject', desc = 'decline the plan' },
  { lhs = '<Esc>', mode = 'n', act = 'reject', desc = 'decline the plan' },
  { lhs = '<Space>', mode = 'nx', act = 'toggle', desc = 'tick or leave out' },
  { lhs = '<Tab>', mode = 'nx', act = 'toggle', desc = 'tick or leave out' },
  { lhs = 'dd', mode = 'n', act = 'remove', desc = 'take off the list' },
  { lhs = 'd', mode = 'x', act = 'remove', desc = 'take off the list' },
  { lhs = 'u', mode = 'n', act = 'restore', desc = 'put back what was taken off the list' },
}

---@param plan hob.Plan
---@param act string
local function press(plan, act)
  local first, last = vim.fn.line('v'), vim.fn.line('.')
  if first > last then
    first, last = last, first
  end
  if vim.api.nvim_get_mode().mode ~= 'n' then
    vim.cmd.normal({ vim.keycode('<Esc>'), bang = true })
  end
  acts[act](plan, first, math.min(last, #plan.steps))
end

--- The plan that is shown in a buffer.
---@param bufnr integer
---@return hob.Plan?
function M.of(bufnr)
  return open[bufnr]
end

--- Accepts or rejects the plan in the current buffer.
---@param act 'accept'|'reject'
function M.act(act)
  acts[act](assert(open[vim.api.nvim_get_current_buf()]), 0, 0)
end

--- Goes to a plan that waits, shown in another window.
function M.focus()
  local buf = next(open)
  if not buf then
    return say('there is no plan to look at')
  end
  vim.api.nvim_set_current_win(vim.fn.win_findbuf(buf)[1])
end

--- Takes away the plans of a job, or of a server, which have ended.
---@param ended fun(plan: hob.Plan): boolean
local function drop(ended)
  for _, plan in pairs(vim.tbl_extend('force', {}, open)) do
    if ended(plan) then
      finish(plan, nil)
    end
  end
end

---@param job string
function M.clear(job)
  drop(function(plan)
    return plan.params.job == job
  end)
end

---@param client_id integer
function M.clear_client(client_id)
  drop(function(plan)
    return plan.client_id == client_id
  end)
end

--- Shows a plan; answer is called once, with what the user decided.
---@param params hob.PlanParams
---@param client_id integer
---@param answer fun(result: { steps: integer[] }?)
function M.open(params, client_id, answer)
  local plan = { params = params, client_id = client_id, buf = 0, steps = {}, removed = {}, answer = answer } ---@type hob.Plan
  for i, step in ipairs(params.steps) do
    plan.steps[i] = { index = i - 1, title = step.title, ticked = true }
  end
  local win, focused
  win, plan.buf, focused = require('hob.window').open(title_of(plan), vim.tbl_map(line_of, plan.steps), {
    footer = '<CR> carries out  <Space> leaves out  dd u  q declines',
    filetype = 'hobplan',
    focus = true,
  })
  open[plan.buf] = plan
  vim.wo[win].cursorline = true
  for _, key in ipairs(keys) do
    vim.keymap.set(vim.split(key.mode, ''), key.lhs, function()
      press(plan, key.act)
    end, { buffer = plan.buf, nowait = key.lhs ~= 'dd', desc = 'Hob: ' .. key.desc })
  end
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = plan.buf,
    once = true,
    callback = vim.schedule_wrap(function()
      finish(plan, nil)
    end),
  })
  if not focused then
    say(('%s waits for you to look at its plan; :Hob plan goes there'):format(params.action), vim.log.levels.INFO)
  end
end

return M
