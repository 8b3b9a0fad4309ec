package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// completions are what a shell reads to complete words: it asks this program, with a last word that urfave/cli knows.
var completions = map[string]string{
	"bash": `_mesos() {
  local words=("${COMP_WORDS[@]:0:COMP_CWORD}") current="${COMP_WORDS[COMP_CWORD]}"
  [[ "$current" == -* ]] && words+=("$current")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null | cut -d: -f1)" -- "$current"))
}
complete -o default -F _mesos mesos
`,
	"zsh": `#compdef mesos
_mesos() {
  local -a found asked
  asked=("${(@)words[1,CURRENT-1]}")
  [[ "${words[CURRENT]}" == -* ]] && asked+=("${words[CURRENT]}")
  found=("${(@f)$("${asked[@]}" --generate-bash-completion 2>/dev/null | cut -d: -f1)}")
  compadd -a found || _files
}
compdef _mesos mesos
`,
	"fish": `function __mesos_complete
  set -l asked (commandline -opc)
  set -l current (commandline -ct)
  string match -q -- '-*' $current; and set -a asked $current
  $asked --generate-bash-completion 2>/dev/null | string replace -r ':.*' ''
end
complete -c mesos -f -a '(__mesos_complete)'
`,
}

func completionCommand() *cli.Command {
	var shells []*cli.Command
	for _, shell := range []struct{ name, example string }{
		{"bash", "source <(mesos completion bash)"},
		{"zsh", "source <(mesos completion zsh)"},
		{"fish", "mesos completion fish | source"},
	} {
		shells = append(shells, &cli.Command{
			Name: shell.name, Usage: "print the completion for " + shell.name,
			UsageText:    "mesos completion " + shell.name + "\n\nExample:\n   " + shell.example,
			Description:  "Commands, flags, and ids that the master knows are completed.\n\n" + exitCodes,
			OnUsageError: onUsageError,
			Action: func(c *cli.Context) error {
				if err := noArguments(c); err != nil {
					return err
				}
				_, err := fmt.Fprint(c.App.Writer, completions[shell.name])
				return err
			},
		})
	}
	return group("completion", "have a shell complete commands, flags and ids", shells...)
}
