package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// editText has somebody edit an asset as a text, or takes the text from a file,
// and sends what is other then.
func editText(ctx context.Context, cmd *cobra.Command, api *client.Client, a *client.Asset, from string, yes bool) (client.Asset, error) {
	before, err := assetYAML(a)
	if err != nil {
		return client.Asset{}, err
	}
	path := from
	if path == "" {
		if !yes && !terminal.Is(cmd.InOrStdin()) {
			return client.Asset{}, errors.New("nobody is here to edit a text and to be asked: say by flags what to change, or give --from FILE and --yes")
		}
		if path, err = edit(ctx, cmd, a.ID, before); err != nil {
			return client.Asset{}, err
		}
	}
	changed, err := sendText(ctx, cmd, api, a, before, path, yes)
	if from != "" {
		return changed, err
	}
	if err == nil {
		return changed, os.Remove(path)
	}
	if errors.Is(err, exitFailed) { // it was not wanted
		return changed, errors.Join(err, os.Remove(path))
	}
	return changed, fmt.Errorf("%w; the text is kept: webmon asset edit %s --from %s goes on with it", explain(ctx, err), a.ID, path)
}

func sendText(ctx context.Context, cmd *cobra.Command, api *client.Client, a *client.Asset, before []byte, path string, yes bool) (client.Asset, error) {
	after, err := os.ReadFile(path)
	if err != nil {
		return client.Asset{}, fmt.Errorf("read the text: %w", err)
	}
	patch, err := yamlPatch(before, after)
	if err != nil {
		return client.Asset{}, err
	}
	if string(patch) == "{}" {
		return *a, nil
	}
	if err := printDiff(cmd.ErrOrStderr(), diff.Diff("as it is", before, "as it will be", after)); err != nil {
		return client.Asset{}, err
	}
	if err := confirm(cmd, yes, "Change it?"); err != nil {
		return client.Asset{}, err
	}
	return api.PatchAsset(ctx, a.ID, a.Revision, patch)
}

// edit opens an editor on a new file with the text, and gives its path.
func edit(ctx context.Context, cmd *cobra.Command, id string, text []byte) (path string, err error) {
	file, err := os.CreateTemp("", "webmon-asset-"+id+"-*.yaml") // for the user's eyes only
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", err
	}
	editor := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi")
	// By the shell, because the variables may hold arguments.
	command := exec.CommandContext(ctx, "sh", "-c", editor+` "$1"`, editor, file.Name())
	command.Stdin, command.Stdout, command.Stderr = cmd.InOrStdin(), cmd.ErrOrStderr(), cmd.ErrOrStderr()
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("the editor %s: %w; set EDITOR to another; the text is in %s", editor, err, file.Name())
	}
	return file.Name(), nil
}

// assetYAML is the part of an asset that people write.
func assetYAML(a *client.Asset) ([]byte, error) {
	text, err := output.ToYAML(a)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("asset %s: %w", a.ID, err)
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("asset %s: the API gave no object", a.ID)
	}
	root := document.Content[0]
	var kept []*yaml.Node
	for pair := range slices.Chunk(root.Content, 2) {
		if !slices.Contains(client.ReadOnly, pair[0].Value) {
			kept = append(kept, pair...)
		}
	}
	root.Content = kept
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err = errors.Join(encoder.Encode(root), encoder.Close())
	return out.Bytes(), err
}

// yamlPatch is the merge patch from one text to another.
func yamlPatch(before, after []byte) (json.RawMessage, error) {
	var parts [2][]byte
	for i, text := range [][]byte{before, after} {
		var object map[string]any
		if err := yaml.Unmarshal(text, &object); err != nil {
			return nil, fmt.Errorf("the text is not the YAML of an asset: %w", err)
		}
		if object == nil {
			return nil, errors.New("the text is empty")
		}
		part, err := json.Marshal(object)
		if err != nil {
			return nil, fmt.Errorf("the text has what an asset cannot have: %w", err)
		}
		parts[i] = part
	}
	return jsonpatch.CreateMergePatch(parts[0], parts[1])
}

// printDiff prints the lines of a diff in colours.
func printDiff(out io.Writer, text []byte) error {
	paint := terminal.NewPainter(out)
	var painted strings.Builder
	for line := range strings.Lines(string(text)) {
		line = terminal.Printable(strings.TrimSuffix(line, "\n"))
		switch {
		case strings.HasPrefix(line, "diff "):
			continue
		case strings.HasPrefix(line, "+"):
			line = paint.Of(plugins.Up, line)
		case strings.HasPrefix(line, "-"):
			line = paint.Of(plugins.Down, line)
		}
		painted.WriteString(line + "\n")
	}
	_, err := io.WriteString(out, painted.String())
	return err
}
