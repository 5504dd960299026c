namespace Strata.Cli.Completion;

/// <summary>What a shell has to know: to ask strata itself, as it is typed.</summary>
internal static class CompletionScripts
{
    // COMP_WORDS is cut at ':' and '='; names of images have both, so the words are taken from the line, and of the answer
    // only what stands behind the last of them is given back.
    public const string Bash = """
        # bash completion for strata. For this shell: source <(strata completion bash)
        # For every shell: strata completion bash > /etc/bash_completion.d/strata (or ~/.local/share/bash-completion/completions/strata)
        _strata() {
            local line=${COMP_LINE:0:COMP_POINT} current prefix="" candidate
            local -a words candidates
            read -ra words <<<"$line"
            [[ $line == *[[:space:]] ]] && words+=("")
            current=${words[${#words[@]}-1]}
            [[ $current == *[:=]* ]] && prefix=${current%"${current##*[:=]}"}
            [[ $COMP_WORDBREAKS != *:* ]] && prefix=""
            COMPREPLY=()
            mapfile -t candidates < <("$1" complete -- "${words[@]:1}" 2>/dev/null)
            for candidate in "${candidates[@]}"; do
                if [[ $candidate == :files ]]; then
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "${current#"$prefix"}")
                    return
                fi
                candidate=${candidate%%$'\t'*}
                COMPREPLY+=("${candidate#"$prefix"}")
            done
        }
        complete -F _strata strata
        """;

    public const string Zsh = """
        #compdef strata
        # zsh completion for strata. For this shell: source <(strata completion zsh)
        # For every shell: strata completion zsh > "${fpath[1]}/_strata"
        _strata() {
            local -a lines candidates
            local line
            lines=("${(@f)$(${words[1]} complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            if [[ ${lines[1]} == :files ]]; then
                _files
                return
            fi
            for line in "${lines[@]}"; do
                [[ -n $line ]] && candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
            done
            _describe strata candidates
        }
        if [[ ${funcstack[1]} == _strata ]]; then
            _strata "$@"
        else
            compdef _strata strata
        fi
        """;

    public const string Fish = """
        # fish completion for strata. For this shell: strata completion fish | source
        # For every shell: strata completion fish > ~/.config/fish/completions/strata.fish
        function __strata_complete
            set -l words (commandline -opc) (commandline -ct)
            set -l lines (command strata complete -- $words[2..-1] 2>/dev/null)
            if test "$lines[1]" = ":files"
                __fish_complete_path (commandline -ct)
            else
                printf '%s\n' $lines
            end
        end
        complete -c strata -f -a '(__strata_complete)'
        """;
}
