--- What can be done about a job that failed. The server asks with buttons; a question in the middle of typing would
--- be in the way, so that it stays open without one, and words of :Hob answer it until the next job.
local M = {}

---@class hob.Button
---@field title string as the server calls it
---@field words string of :Hob
---@field does string

---@type hob.Button[]
local buttons = {
  { title = 'Try Again', words = 'retry', does = 'tries again' },
  { title = 'Use a Larger Model', words = 'retry larger', does = 'takes a larger model' },
  { title = 'Show Diff', words = 'diff', does = 'shows what it would have done' },
}

---@type { client_id: integer, titles: string[], answer: fun(result: { title: string, retry?: hob.Retry }?) }?
local waiting

--- Answers the question that waits; nil dismisses it.
---@param title string?
---@param change? hob.Retry
local function finish(title, change)
  local was = waiting
  waiting = nil
  if was then
    was.answer(title and { title = title, retry = change } or nil)
  end
end

--- The buttons of a question, nil where it is about something else than a failure.
---@param params lsp.ShowMessageRequestParams
---@return hob.Button[]?
function M.buttons(params)
  if params.type ~= vim.lsp.protocol.MessageType.Error then
    return nil
  end
  local found = {}
  for _, action in ipairs(params.actions or {}) do
    local before = #found
    for _, button in ipairs(buttons) do
      if button.title == action.title then
        found[#found + 1] = button
      end
    end
    if #found == before then
      return nil
    end
  end
  return #found > 0 and found or nil
end

--- Keeps a question open; answer is called once.
---@param offered hob.Button[]
---@param client_id integer
---@param answer fun(result: { title: string, retry?: hob.Retry }?)
---@return string words what can be done, for the message
function M.open(offered, client_id, answer)
  finish(nil)
  local titles, words = {}, {}
  for i, b in ipairs(offered) do
    titles[i], words[i] = b.title, (':Hob %s %s'):format(b.words, b.does)
  end
  waiting = { client_id = client_id, titles = titles, answer = answer }
  return table.concat(words, ', ')
end

--- Chooses a button; says so where it is not offered.
---@param larger boolean a larger model, else another attempt
---@param change? hob.Retry what should be otherwise
---@return boolean chosen false where nothing waits
function M.choose(larger, change)
  if not waiting then
    return false
  end
  local title = larger and 'Use a Larger Model' or 'Try Again'
  if not vim.list_contains(waiting.titles, title) then
    require('hob.say').say(larger and 'there is no larger model for the job that failed' or 'the job that failed can\'t be tried again')
    return true
  end
  if change then
    require('hob.requests').instructed(change.prompt)
  end
  finish(title, change)
  return true
end

--- Dismisses the question: another job was started.
function M.dismiss()
  finish(nil)
end

--- Forgets the question of a server that has ended.
---@param client_id integer
function M.clear_client(client_id)
  if waiting and waiting.client_id == client_id then
    finish(nil)
  end
end

return M
