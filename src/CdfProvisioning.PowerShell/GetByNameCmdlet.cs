using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that read resources by name or by pattern.</summary>
public abstract class GetByNameCmdlet : CdfCmdlet
{
    /// <summary>How many resources are read at once: over a network one after the other takes long.</summary>
    private const int ReadAhead = 8;

    /// <summary>Writes what is named, and all that the patterns match; everything if no name was given.</summary>
    /// <param name="names">Names (a missing one is an error) and patterns.</param>
    /// <param name="list">The names there are; all that begin, in any case, with what it is given, at the least.</param>
    /// <param name="get">What a name stands for; throws NotFound.</param>
    private protected Task WriteByNameAsync<T>(string[]? names, Func<string, IAsyncEnumerable<string>> list, Func<string, ValueTask<T>> get) =>
        ForEachAsync(
            names ?? ["*"],
            async name =>
            {
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    WriteObject(await get(name));
                    return;
                }

                var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
                var reading = new Queue<Task<T?>>();
                try
                {
                    await foreach (var match in list(PrefixOf(name)))
                    {
                        if (!pattern.IsMatch(match))
                            continue;
                        reading.Enqueue(GetUnlessGoneAsync(match, get));
                        if (reading.Count == ReadAhead)
                            Write(await reading.Dequeue());
                    }
                }
                finally
                {
                    while (reading.TryDequeue(out var next))
                        Write(await next);
                }
            });

    private void Write<T>(T? resource)
    {
        if (resource is not null)
            WriteObject(resource);
    }

    /// <summary>As the other, of what is listed whole: what a pattern matches is not read again.</summary>
    private protected Task WriteByNameAsync<T>(string[]? names, Func<IAsyncEnumerable<T>> list, Func<T, string> nameOf, Func<string, ValueTask<T>> get) =>
        ForEachAsync(
            names ?? ["*"],
            async name =>
            {
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    WriteObject(await get(name));
                    return;
                }

                var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
                await foreach (var item in list())
                    if (pattern.IsMatch(nameOf(item)))
                        WriteObject(item);
            });

    /// <summary>What was deleted between being listed and being read is not missing: it is gone.</summary>
    private static async Task<T?> GetUnlessGoneAsync<T>(string name, Func<string, ValueTask<T>> get)
    {
        try
        {
            return await get(name);
        }
        catch (CdfException exception) when (exception.Code == CdfErrorCode.NotFound)
        {
            return default;
        }
    }
}
