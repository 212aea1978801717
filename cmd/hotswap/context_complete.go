package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// completer completes a word of a command line.
type completer = func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective)

// completionTime is how long somebody who presses a key waits at most.
const completionTime = 2 * time.Second

// mostCompleted is how many rollouts are offered.
const mostCompleted = 100

// mustComplete has a flag completed. The flag is there: otherwise the program has a fault.
func mustComplete(cmd *cobra.Command, flag string, by completer) {
	if err := cmd.RegisterFlagCompletionFunc(flag, by); err != nil {
		panic(err)
	}
}

// deploymentFiles completes files of deployments.
func deploymentFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeContexts completes the names of contexts. Errors are not shown: whoever completes
// reads words.
func completeContexts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	f, err := readContexts()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var words []string
	for _, name := range f.names() {
		words = append(words, cobra.CompletionWithDesc(name, shown(f.Contexts[name].Controller)))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completeFrom completes words that are where the rollouts are.
func completeFrom(f *whereFlags, words func(ctx context.Context, p site, args []string) ([]string, error)) completer {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		p, _, err := f.open()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer p.Close()
		ctx, cancel := walker.Grace(contextOf(cmd), completionTime)
		defer cancel()
		all, err := words(ctx, p, args)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// contextOf is the context of a command, which has none while a word of it is completed.
func contextOf(cmd *cobra.Command) context.Context {
	if ctx := cmd.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// completeRollouts completes the ids of rollouts, each with what it is.
func completeRollouts(f *whereFlags) completer {
	return completeFrom(f, func(ctx context.Context, p site, _ []string) ([]string, error) {
		all, _, err := p.List(ctx, &query{limit: mostCompleted})
		var words []string
		for i := range all {
			r := &all[i]
			words = append(words, cobra.CompletionWithDesc(shown(r.ID), shown(orDash(r.Baseline)+" -> "+orDash(r.Candidate)+" in "+r.Environment+", "+r.Phase)))
		}
		return words, err
	})
}

// completeRolloutArg is completeRollouts of a command that takes one.
func completeRolloutArg(f *whereFlags) completer {
	ids := completeRollouts(f)
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return ids(cmd, args, word)
	}
}

// completeStages completes the stages of the rollout that is named.
func completeStages(f *whereFlags) completer {
	return completeFrom(f, func(ctx context.Context, p site, args []string) ([]string, error) {
		if len(args) == 0 {
			return nil, nil
		}
		d, err := p.Show(ctx, args[0], false)
		if err != nil {
			return nil, err
		}
		var words []string
		for i := range d.Stages {
			what := ""
			if i+1 == d.Stage.Number {
				what = "it is there"
			}
			words = append(words, cobra.CompletionWithDesc(shown(d.Stages[i].Name), what))
		}
		return words, nil
	})
}

// completeEnvironments and completePlugins complete what is known where the rollouts are.
func completeEnvironments(f *whereFlags) completer {
	return completeFrom(f, func(ctx context.Context, p site, _ []string) (words []string, err error) {
		all, err := p.Environments(ctx)
		for _, e := range all {
			words = append(words, shown(e.Name))
		}
		return words, err
	})
}

func completePlugins(f *whereFlags) completer {
	return completeFrom(f, func(ctx context.Context, p site, _ []string) (words []string, err error) {
		all, err := p.Environments(ctx)
		for i := range all {
			words = append(words, pluginsOf(&all[i], f.world.environment)...)
		}
		return words, err
	})
}

// pluginsOf are the plugins of an environment, where that is the one that is asked for.
func pluginsOf(e *contract.Environment, asked string) (words []string) {
	if asked != "" && asked != e.Name {
		return nil
	}
	for _, p := range e.Plugins {
		words = append(words, cobra.CompletionWithDesc(shown(p), shown(e.Name)))
	}
	return words
}
