using System.Management.Automation;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the cmdlets that work on a registry: the session's, or the one that -Connection names.</summary>
public abstract class CdfCmdlet : AsyncCmdlet
{
    private Connection? _connection;

    /// <summary>The registry to work on: what Connect-Cdf -PassThru or Get-CdfConnection gave. The session's own connection if not given.</summary>
    [Parameter]
    [ValidateNotNull]
    public ConnectionInfo? Connection { get; set; }

    /// <summary>The connection; the default one is opened if the session has none. Without a connection the command ends.</summary>
    private protected async ValueTask<Connection> ConnectionAsync(CancellationToken cancellationToken)
    {
        if (_connection is not null)
            return _connection;
        var session = SessionConnection.Current;
        try
        {
            _connection = await session.GetAsync(Connection, cancellationToken);
        }
        catch (CdfException exception)
        {
            ThrowTerminatingError(exception.ToErrorRecord(Connection));
            throw;
        }

        if (Connection is null && session.TakeWarning() is { } warning)
            WriteWarning(warning);
        return _connection;
    }

    /// <summary>Asks, plans or goes on, as ShouldProcess does, and says which registry it is about.</summary>
    private protected new bool ShouldProcess(string target, string action) =>
        base.ShouldProcess(_connection is null ? target : $"{target} ({_connection.Info})", action);

    /// <summary>As the other, with sentences of one's own.</summary>
    private protected new bool ShouldProcess(string description, string question, string caption) =>
        base.ShouldProcess(_connection is null ? description : $"{description} ({_connection.Info})", _connection is null ? question : $"{question} ({_connection.Info})", caption);

    /// <summary>As ShouldProcess, of a command that asks because what it does can be grave, without asking where it is not or is forced.</summary>
    private protected bool ShouldProcess(string target, string action, bool isAsked)
    {
        if (isAsked || IsWhatIf || MyInvocation.BoundParameters.ContainsKey("Confirm"))
            return ShouldProcess(target, action);
        WriteVerbose($"{action}: {target} ({_connection?.Info}).");
        return true;
    }

    /// <summary>Whether the user is asked before something grave is done, if it is not forced.</summary>
    private protected bool Asks(bool isAsked) => MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm)
        ? ((SwitchParameter)confirm).IsPresent
        : isAsked && LanguagePrimitives.ConvertTo<ConfirmImpact>(GetVariableValue("ConfirmPreference", ConfirmImpact.High)) != ConfirmImpact.None;

    /// <summary>Whether the first error ends the command.</summary>
    private protected bool StopsAtError =>
        LanguagePrimitives.ConvertTo<ActionPreference>(MyInvocation.BoundParameters.TryGetValue("ErrorAction", out var bound) ? bound : GetVariableValue("ErrorActionPreference", ActionPreference.Continue)) == ActionPreference.Stop;

    /// <summary>Works on one name after the other; a failure is that name's error, and the rest go on.</summary>
    private protected async Task ForEachAsync(IEnumerable<string> names, Func<string, Task> work)
    {
        foreach (var name in names)
        {
            try
            {
                await work(name);
            }
            catch (CdfException exception)
            {
                WriteError(exception.ToErrorRecord(name));
            }
        }
    }

    /// <summary>As <see cref="ForEachAsync"/>, of names and of all that patterns match. A pattern that matches nothing is no error.</summary>
    /// <param name="names">Names and patterns.</param>
    /// <param name="list">The names there are; all that begin, in any case, with what it is given, at the least.</param>
    /// <param name="work">What is done with each.</param>
    private protected Task ForEachMatchAsync(IEnumerable<string> names, Func<string, IAsyncEnumerable<string>> list, Func<string, Task> work) => ForEachAsync(
        names,
        async name =>
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name))
            {
                await work(name);
                return;
            }

            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var matches = await list(PrefixOf(name)).Where(pattern.IsMatch).ToListAsync(); // what is changed while it is listed may be missed or come twice
            if (matches.Count == 0)
                WriteVerbose($"Nothing matches '{name}'.");
            await ForEachAsync(matches, work);
        });

    /// <summary>What all that a pattern matches begins with, in any case.</summary>
    internal static string PrefixOf(string pattern) => pattern.IndexOfAny(['*', '?', '[', '`']) is var end and >= 0 ? pattern[..end] : pattern;

    /// <summary>The files that paths name: patterns match, literal paths are as they are. A pattern that matches nothing is an error, as a name is that there is not.</summary>
    private protected IEnumerable<string> ResolveFiles(IEnumerable<string>? paths, IEnumerable<string>? literalPaths)
    {
        foreach (var path in paths ?? [])
        {
            if (!WildcardPattern.ContainsWildcardCharacters(path) && !path.Contains('`', StringComparison.Ordinal))
            {
                yield return ResolvePath(path);
                continue;
            }

            var matches = Matches(path);
            if (matches.Count == 0)
                throw CdfErrorCode.NotFound.Error($"No file matches '{path}'.");
            foreach (var match in matches)
                yield return match;
        }

        foreach (var path in literalPaths ?? [])
            yield return ResolvePath(path);
    }

    /// <summary>The one file that a path or a literal path names.</summary>
    private protected string ResolveFile(string? path, string? literalPath)
    {
        var files = ResolveFiles(path is null ? null : [path], literalPath is null ? null : [literalPath]).ToList();
        return files.Count == 1 ? files[0]
            : throw CdfErrorCode.InvalidRequest.Error($"'{path}' matches {files.Count} files, and one is wanted: {string.Join(", ", files.Select(Path.GetFileName))}.");
    }

    /// <summary>The certificate (PEM) of who alone may read a key file, from a file that may be PEM or DER.</summary>
    private protected string? ReadKeyRecipient(string? path)
    {
        if (path is null)
            return null;
        var resolved = ResolvePath(path);
        try
        {
            using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(resolved);
            return certificate.ExportCertificatePem();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"The certificate of the recipient cannot be read from '{resolved}': {exception.Message} Give a certificate, PEM or DER.", exception);
        }
    }

    private protected async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var resolved = ResolvePath(path);
        try
        {
            await using var file = File.OpenRead(resolved);
            await using var text = new Utf8TextStream(file, resolved, encoding: null, "Save it as UTF-8.", "text is wanted, JSON or PEM.");
            using var reader = new StreamReader(text);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CdfErrorCode.NotFound.Error($"There is no file '{resolved}'.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Directory.Exists(resolved)
                ? CdfErrorCode.InvalidRequest.Error($"'{resolved}' is a folder, and a file is wanted.", exception)
                : CdfErrorCode.Unavailable.Error($"The file '{resolved}' cannot be read: {exception.Message}", exception);
        }
    }

    private IReadOnlyList<string> Matches(string pattern)
    {
        try
        {
            var found = SessionState.Path.GetResolvedProviderPathFromPSPath(pattern, out var provider);
            if (provider.Name != "FileSystem")
                throw CdfErrorCode.InvalidRequest.Error($"'{pattern}' is not a path of the file system but of {provider.Name}.");
            return [.. found.Where(File.Exists).Order(StringComparer.Ordinal)];
        }
        catch (ItemNotFoundException)
        {
            return File.Exists(ResolvePath(pattern)) ? [ResolvePath(pattern)] : []; // list[1].csv, as the shell's completion writes it without quoting
        }
    }
}
