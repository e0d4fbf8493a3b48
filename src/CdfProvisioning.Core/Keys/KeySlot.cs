using System.Text.RegularExpressions;
using CdfProvisioning.Files;

namespace CdfProvisioning.Keys;

/// <summary>
/// A file of a <see cref="KeyDirectory"/> that its owner keeps open and writes one key after another to, each for as long as it is nowhere
/// else: to make and delete a file a key would cost many times as much.
/// </summary>
internal sealed partial class KeySlot(KeyDirectory keys, FileStream file) : IDisposable
{
    /// <summary>The file.</summary>
    public string File { get; private set; } = file.Name;

    /// <summary>Whether what is written can be found: nobody has deleted the file, or its folder.</summary>
    public bool IsThere => UnixFiles.IsThere(file.SafeFileHandle, File);

    /// <summary>What an owner's slots are called.</summary>
    public static string NameOf(string owner, int number) => $"{owner}-slot{number}";

    /// <returns>Whose slot it is; null if the name is not one of a slot.</returns>
    public static string? FindOwner(string name) => Name().Match(name) is { Success: true } match ? match.Groups["owner"].Value : null;

    public void Write(string privateKeyPem, string? certificatePem) => keys.Write(file.SafeFileHandle, privateKeyPem, certificatePem);

    /// <summary>Empties the slot. What cannot be emptied stays, reserved by this owner.</summary>
    /// <returns>False if it stays.</returns>
    public bool TryClear() => TryCut(0);

    /// <summary>Makes the file that of the key of a registered device. It is a slot no more then.</summary>
    /// <param name="name">What the key is to be filed under.</param>
    /// <param name="length">How much of the file is key and certificate.</param>
    public void KeepAs(string name, int length)
    {
        using (file)
            TryCut(length);
        if (keys.TryRename(File, name))
            File = keys.FileOf(name);
    }

    /// <summary>Closes the slot, and deletes it if it is empty.</summary>
    public void Dispose()
    {
        using (file)
            if (!IsThere || file.Length > 0)
                return;
        FileFailures.Try(() => System.IO.File.Delete(File));
    }

    private bool TryCut(int length) => FileFailures.Try(() => file.SetLength(length));

    [GeneratedRegex("^(?<owner>[0-9a-f]{32})-slot[0-9]+$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
