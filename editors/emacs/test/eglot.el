;;; eglot.el --- Hob through eglot, as editors/emacs.md sets it up  -*- lexical-binding: t -*-
;; Ends Emacs with 0 when all went well, else with 1 and what did not. Works with the eglot that is a package of its
;; own (1.9, Emacs 28) and with those that come with Emacs 29 and newer.

(when (< emacs-major-version 29)
  (require 'package)
  (package-initialize))
(require 'cl-lib)
(require 'eglot)
(setq make-backup-files nil auto-save-default nil create-lockfiles nil)

(defun fail (format &rest args)
  (princ (apply #'format (concat format "\n") args))
  (princ (with-current-buffer (messages-buffer) (buffer-string)))
  (kill-emacs 1))

(defun wait (what condition)
  "Wait until CONDITION, which is WHAT, gives something, and return that."
  (let ((end (+ (float-time) 60)) value)
    (while (not (setq value (funcall condition)))
      (when (> (float-time) end) (fail "waited in vain: %s\n%s" what (buffer-string)))
      (accept-process-output nil 0.02))
    value))

(defun same (what got want)
  (unless (equal got want) (fail "%s\ngot:  %S\nwant: %S" what got want)))

;; The model: a JSON object a line, and one for each in return.

(defvar model-answers nil)
(defvar model-calls 0)
(defvar model
  (make-network-process
   :name "model" :family 'local :service (getenv "E2E_SOCKET") :coding 'utf-8
   :filter (let ((held ""))
             (lambda (_ text)
               (setq held (concat held text))
               (while (string-match "\n" held)
                 (push (json-parse-string (substring held 0 (match-beginning 0)) :object-type 'plist :null-object nil) model-answers)
                 (setq held (substring held (match-end 0))))))))

(defun model (op &rest fields)
  (let ((id (cl-incf model-calls)))
    (process-send-string model (concat (json-serialize (append (list :id id :op op) fields)) "\n"))
    (let ((answer (wait op (lambda () (cl-find id model-answers :key (lambda (a) (plist-get a :id)))))))
      (when (plist-get answer :error) (fail "%s: %s" op (plist-get answer :error))))))

(defvar gate nil "Where the model waits.")
;; Eglot 1.9 loses sight of what arrives together with the answer that it waits for, until more arrives. A model is
;; slower than that; this one waits.
(defun model-says (text &rest fields)
  "Have the model say TEXT to the next job, once `release' lets it."
  (setq gate (format "gate%d" model-calls))
  (model "reply" :reply (append (list :text text :gates (vector (list :name gate :after 2))) fields)))
(defun release ()
  (model "wait_gate" :name gate)
  (model "release" :name gate))

;; The user: asked whether an edit may be made, and told things in the echo area.

(defvar asked nil)
(dolist (question '(y-or-n-p yes-or-no-p))
  (advice-add question :override (lambda (prompt &rest _) (push prompt asked) t)))

(defun told (part)
  (with-current-buffer (messages-buffer)
    (save-excursion (goto-char (point-min)) (search-forward part nil t))))

;; Debian has no mode for Go; eglot takes the language from the mode's name.
(define-derived-mode go-mode prog-mode "Go")
(add-to-list 'auto-mode-alist '("\\.go\\'" . go-mode))

;; As emacs.md has it.
(add-to-list 'eglot-server-programs '((go-mode go-ts-mode python-mode python-ts-mode tsx-ts-mode) . ("hob" "serve")))

(defun server () (eglot-current-server))

(defun actions (from to)
  (eglot-code-actions from to nil nil))

(defun run-action (title from to)
  (let* ((offered (actions from to))
         (action (cl-find title offered :key (lambda (a) (plist-get a :title)) :test #'string-prefix-p)))
    (unless action (fail "%S is not among %S" title (mapcar (lambda (a) (plist-get a :title)) offered)))
    (undo-boundary)
    (if (fboundp 'eglot-execute)
        (eglot-execute (server) action)
      (cl-destructuring-bind (&key command arguments &allow-other-keys) (plist-get action :command)
        (eglot-execute-command (server) (intern command) arguments)))))

(defun undo-once ()
  (undo-boundary)
  (setq last-command nil)
  (undo)
  (undo-boundary)
  (buffer-string))

(defun at (text)
  (goto-char (point-min))
  (search-forward text)
  (match-beginning 0))

;; Eglot holds changes until Emacs is idle, which it never is in batch mode.
(defun send-changes () (eglot--signal-textDocument/didChange))

(defun command (name)
  (jsonrpc-request (server) :workspace/executeCommand (list :command name :arguments [])))

(defun wait-text (what text)
  "Wait until the buffer holds TEXT and the server knows: then its job is over."
  (wait what (lambda () (equal (buffer-string) text)))
  (send-changes)
  (wait "the end of the job" (lambda () (seq-empty-p (plist-get (command "hob.status") :jobs)))))

(defconst original "package main

// hob: a function that doubles a number

func add(a, b int) int {
	// hob: return the sum
	return 0
}

func main() { println(add(1, 2)) }
")

(let ((file (expand-file-name "main.go" (getenv "E2E_WORK"))))
  (with-temp-file file (insert original))
  (setq project-find-functions (list (lambda (_) (cons 'transient (file-name-as-directory (getenv "E2E_WORK"))))))
  (find-file file)
  (buffer-enable-undo)
  (apply #'eglot (let ((contact (eglot--guess-contact))) (append contact (and (= (length contact) 4) nil))))
  (wait "the server is there" #'server)
  (wait "the workspace is read"
        (lambda ()
          (> (plist-get (plist-get (command "hob.stats") :workspace) :scan_ms) 0))))

;; Whatever needs an instruction that nobody could be asked for is offered only where a comment has it.
(let ((titles (mapcar (lambda (a) (plist-get a :title)) (actions (at "println") (at "println")))))
  (when (cl-find-if (lambda (title) (string-suffix-p "…" title)) titles) (fail "needs an instruction: %S" titles)))

;; A comment is the instruction; the code takes its place, and one undo brings it back.
(model-says "```go\nfunc double(n int) int {\n\treturn 2 * n\n}\n```" :last "a function that doubles a number")
(run-action "Generate: a function that doubles" (at "// hob: a function") (point))
(release)
(defconst doubled (replace-regexp-in-string "// hob: a function.*" "func double(n int) int {\n\treturn 2 * n\n}" original))
(wait-text "the code" doubled)
(same "undone" (undo-once) original)

;; A selection with a comment in it.
(defconst summed (replace-regexp-in-string "\t// hob: return the sum\n\treturn 0" "\treturn a + b" original))
(defconst sum "```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```")
(model-says sum :last "return the sum")
(run-action "Edit: return the sum" (at "func add") (at "\nfunc main"))
(release)
(wait-text "the edit" summed)
(same "undone" (undo-once) original)

;; The user types above the target: the edit lands where that has gone.
(model-says sum :last "return the sum")
(run-action "Edit: return the sum" (at "func add") (at "\nfunc main"))
(model "wait_gate" :name gate)
(goto-char (point-min))
(insert "// Package main adds.\n")
(undo-boundary)
(send-changes)
(release)
(wait-text "both" (concat "// Package main adds.\n" summed))
(same "the edit undone" (undo-once) (concat "// Package main adds.\n" original))
(erase-buffer)
(insert original)
(undo-boundary)

;; The user types into the target: it stays, and the reason is told.
(model-says sum :last "return the sum")
(run-action "Edit: return the sum" (at "func add") (at "\nfunc main"))
(model "wait_gate" :name gate)
(at "return 0")
(goto-char (line-end-position))
(insert " // mine")
(send-changes)
(defvar mine (buffer-string))
(release)
(wait "the reason" (lambda () (told "the text was changed while the model wrote")))
(same "what was typed stays" (buffer-string) mine)

;; An answer is told.
(model-says "`main` prints what **add** returns.")
(run-action "Explain" (at "func main") (at "func main"))
(release)
(wait "the answer" (lambda () (told "prints what")))
(same "untouched" (buffer-string) mine)

;; A new file: eglot makes none for a server, so that Hob asks, and writes it.
(defvar answers nil "What the user chooses, in order.")
(defvar questions nil)
(advice-add 'completing-read :override
            (lambda (prompt collection &rest _)
              (push prompt questions)
              (let ((answer (pop answers)))
                (unless (member answer (all-completions "" collection)) (fail "%S is not offered: %S" answer prompt))
                answer)))
(defvar tests (expand-file-name "main_test.go" (getenv "E2E_WORK")))
(defun write-tests (answer)
  (setq answers (list answer) questions nil)
  (model-says "```go\nfunc TestAdd(t *testing.T) {\n\tif add(1, 2) != 3 {\n\t\tt.Error(\"add\")\n\t}\n}\n```")
  (run-action "Write tests for add" (at "add(a") (at "add(a"))
  (release)
  (wait "the question" (lambda () (command "hob.status") questions))
  (wait "the end of the job" (lambda () (seq-empty-p (plist-get (command "hob.status") :jobs))))
  (unless (string-match-p "create main_test.go" (car questions)) (fail "asked %S" questions)))
(write-tests "Discard")
(when (file-exists-p tests) (fail "it was written all the same"))
(write-tests "Write")
(wait "the file" (lambda () (file-exists-p tests)))
(with-temp-buffer
  (insert-file-contents tests)
  (unless (search-forward "func TestAdd(t *testing.T) {" nil t) (fail "wrote %s" (buffer-string))))
(same "the code is untouched" (buffer-string) mine)

;; A name in two files: the plan is a question, and so are the files.
(erase-buffer)
(insert "package main\n\n// hob: Rename add to plus\n\nfunc add(a, b int) int { return a + b }\n")
(save-buffer)
(send-changes)
(setq answers '("Carry Out" "Apply") questions nil)
(run-action "Refactor across files: Rename add to plus" (at "// hob: Rename") (point))
(wait "the new name" (lambda () (command "hob.status") (save-excursion (goto-char (point-min)) (search-forward "func plus(a, b int)" nil t))))
(wait "the new name in the other file"
      (lambda ()
        (command "hob.status")
        (with-current-buffer (find-file-noselect tests)
          (save-excursion (goto-char (point-min)) (search-forward "if plus(1, 2) != 3" nil t)))))
(send-changes)
(wait "the end of the job" (lambda () (seq-empty-p (plist-get (command "hob.status") :jobs))))
(setq mine (buffer-string))

;; No model: told what is wrong and what to do.
(model "close")
(run-action "Document plus" (at "func plus") (at "func plus"))
(wait "the failure" (lambda () (command "hob.status") (told "ollama serve")))
(same "untouched" (buffer-string) mine)

(dolist (b (buffer-list)) (with-current-buffer b (set-buffer-modified-p nil)))
(eglot-shutdown (server))
(princ (format "Emacs %s, asked %d times\n" emacs-version (length asked)))
(kill-emacs 0)
