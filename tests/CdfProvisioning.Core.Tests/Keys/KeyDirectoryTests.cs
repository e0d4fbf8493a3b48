using CdfProvisioning.Certificates;
using CdfProvisioning.Keys;
using CdfProvisioning.Tests.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Keys;

/// <summary>What becomes of the places of keys as owners come and go.</summary>
public sealed class KeyDirectoryTests : IDisposable
{
    private const string Key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    private const string OtherKey = "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n";

    private static readonly string Certificate = Make.Device(Make.Ca()).Pem;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_place_is_its_owners_as_long_as_that_lives_and_is_left_then()
    {
        using var other = Open();
        FiledKey there;
        using (var owner = Open())
        {
            Assert.True(owner.TryAdd("a", Key, null));
            there = other.Read("a")!;
            Assert.True(owner.IsMine(there));
            Assert.False(other.IsMine(there));
            Assert.True(other.IsUnderWay(there));
        }

        Assert.False(other.IsUnderWay(there));
        Assert.False(other.TryAdd("a", OtherKey, null));
        Assert.Equal(there.Text, other.Read("a")!.Text);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/keys")]
    [InlineData("file/below/keys")]
    [InlineData("readable")]
    [InlineData("readable/keys")]
    public void A_plan_refuses_a_folder_as_it_will_be_refused_when_keys_are_made_and_makes_none(string name)
    {
        Assert.SkipWhen(name[0] == 'r' && Environment.IsPrivilegedProcess, "Root may write everywhere.");
        File.WriteAllText(_folder.File("file"), "text");
        Directory.CreateDirectory(_folder.File("readable"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.File("readable"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var path = _folder.File(name);

        var planned = Assert.Throws<CdfException>(() => KeyDirectory.Plan(path, "registry"));

        var refused = Assert.Throws<CdfException>(() => KeyDirectory.Open(path, "registry"));
        Assert.Equal((refused.Code, true), (planned.Code, planned.Message.Contains(path, StringComparison.Ordinal)));
        var plannedFile = Assert.Throws<CdfException>(() => KeyFile.Check(Path.Combine(path, "keys.jsonl"), null, "registry"));
        var refusedFile = Assert.Throws<CdfException>(() => KeyFile.Open(Path.Combine(path, "keys.jsonl"), null, "registry", _ => new((long?)null)));
        Assert.Equal(refusedFile.Code, plannedFile.Code);
    }

    [Fact]
    public void A_plan_makes_no_folder_and_no_file()
    {
        KeyDirectory.Plan(_folder.File("new/keys"), "registry").Dispose();
        KeyFile.Check(_folder.File("new/keys.jsonl"), null, "registry");

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_key_that_is_kept_is_nobodys_to_take_and_under_way_no_more()
    {
        using var keys = Open();
        keys.TryAdd("a", Key, null);
        keys.Complete("a", Key, Certificate);
        Assert.Equal((Key, Certificate), (keys.Read("a")!.Key, keys.Read("a")!.Certificate!.Pem));
        Assert.NotNull(keys.Read("a")!.Owner);

        keys.Keep("a", keys.Read("a")!.Length);

        Assert.Equal(Key + Certificate, File.ReadAllText(keys.FileOf("a")));
        var kept = keys.Read("a")!;
        Assert.False(keys.IsMine(kept));
        Assert.False(keys.IsUnderWay(kept));
        Assert.Equal(Key.Length + Certificate.Length, kept.Length);
    }

    [Fact]
    public void Keeping_what_is_not_there_is_no_trouble()
    {
        using var keys = Open();
        keys.Keep("a", 1);
        Assert.Null(keys.Read("a"));
    }

    [Fact]
    public void A_key_takes_the_place_of_one_that_was_looked_at_and_of_no_other()
    {
        using var keys = Open();
        keys.TryAdd("a", Key, null);
        var there = keys.Read("a")!;
        Assert.False(keys.IsCeded("a", Key));

        Assert.True(keys.TryReplace("a", there, OtherKey, null));
        Assert.False(keys.TryReplace("a", there, Key, null));

        Assert.Equal(OtherKey, keys.Read("a")!.Key);
        Assert.True(keys.IsCeded("a", Key));
        Assert.False(keys.IsCeded("a", OtherKey));
        Assert.False(keys.IsCeded("b", Key));
    }

    [Fact]
    public void What_another_owner_had_put_in_a_place_was_not_ceded_by_this_one()
    {
        using (var killed = Open())
            killed.TryAdd("a", Key, null);
        using var keys = Open();

        Assert.True(keys.TryReplace("a", keys.Read("a")!, OtherKey, null));

        Assert.False(keys.IsCeded("a", Key));
    }

    [Fact]
    public void An_empty_file_is_taken_once_and_is_not_removed()
    {
        using var keys = Open();
        File.WriteAllText(keys.FileOf("a"), "");
        var empty = keys.Read("a")!;
        keys.Remove("a", empty);
        Assert.True(File.Exists(keys.FileOf("a")));

        Assert.True(keys.TryReplace("a", empty, Key, null));
        Assert.False(keys.TryReplace("a", empty, OtherKey, null));

        Assert.Equal(Key, keys.Read("a")!.Key);
    }

    [Fact]
    public void An_empty_file_that_its_maker_is_about_to_fill_is_left_to_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets nobody else open it.");
        using var keys = Open();
        using (File.Open(keys.FileOf("a"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None }))
            Assert.False(keys.TryReplace("a", new FiledKey("", null, null, null, null, default), Key, null));

        Assert.Equal(0, new FileInfo(keys.FileOf("a")).Length);
    }

    [Fact]
    public void Names_are_those_of_the_things_with_their_colons()
    {
        using var keys = Open();
        keys.TryAdd("plant:1_a-b", Key, null);
        File.WriteAllText(Path.Combine(keys.Path, "notes.txt"), "");

        Assert.Equal(["plant:1_a-b"], keys.Names());
        Assert.Equal("plant%3A1_a-b.pem", Path.GetFileName(keys.FileOf("plant:1_a-b")));
        Assert.Equal("plant:1_a-b", KeyDirectory.ThingNameOf(keys.FileOf("plant:1_a-b")));
    }

    [Fact]
    public void Looking_at_a_folder_makes_none()
    {
        var keys = KeyDirectory.At(_folder.File("keys"), "one");

        Assert.Empty(keys.Names());
        Assert.False(keys.IsOfThisRegistry(new FiledKey(Key, Key, null, null, null, default)));
        Assert.False(Directory.Exists(keys.Path));
    }

    [Fact]
    public void A_key_that_nobody_has_reserved_is_of_the_one_registry_whose_keys_are_there()
    {
        using var one = Open();
        one.TryAdd("a", Key, null);
        one.Complete("a", Key, Certificate);
        var reserved = one.Read("a")!;
        one.Keep("a", reserved.Length);
        var kept = one.Read("a")!;
        Assert.True(one.IsOfThisRegistry(kept));

        using var two = KeyDirectory.Open(_folder.File("keys"), "two");

        Assert.False(one.IsOfThisRegistry(kept));
        Assert.False(two.IsOfThisRegistry(kept));
        Assert.True(one.IsOfThisRegistry(reserved));
        Assert.False(two.IsOfThisRegistry(reserved));
    }

    [Fact]
    public void Opening_a_folder_again_does_not_make_its_keys_those_of_an_unknown_registry()
    {
        using (var first = Open())
        {
            first.TryAdd("a", Key, null);
            first.Complete("a", Key, Certificate);
            first.Keep("a", first.Read("a")!.Length);
        }

        using var again = Open();
        Assert.True(again.IsOfThisRegistry(again.Read("a")!));
    }

    [Fact]
    public void A_key_that_waits_gets_its_certificate_and_then_another_in_its_place()
    {
        using (var waiting = Open(waits: true))
            waiting.TryAdd("a", Key, null);
        using var keys = Open();
        keys.Fulfil("a", keys.Read("a")!, Certificate);
        var longer = Certificate + Certificate;
        File.WriteAllText(keys.FileOf("a"), Key + longer);

        keys.Fulfil("a", keys.Read("a")!, Certificate);

        Assert.Equal(Key + Certificate, File.ReadAllText(keys.FileOf("a")));
    }

    [Fact]
    public void Who_keeps_keys_that_wait_holds_no_lock_and_owns_none_of_the_others()
    {
        using var owner = Open();
        owner.TryAdd("owned", Key, null);
        using var waiting = Open(waits: true);
        waiting.TryAdd("waits", Key, null);

        Assert.False(waiting.IsMine(waiting.Read("owned")!));
        Assert.True(waiting.IsMine(waiting.Read("waits")!));
        Assert.True(waiting.Read("waits")!.IsWaiting);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(waiting.Path, ".cdf"), "*.lock"), file => Path.GetFileName(file) != "folder.lock");
    }

    [Fact]
    public void Who_gives_up_what_it_holds_leaves_no_lock()
    {
        var keys = Open();
        keys.TryAdd("a", Key, null);

        keys.Dispose();

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(keys.Path, ".cdf"), "*.lock"));
    }

    [Fact]
    public void What_the_file_system_does_not_let_be_done_is_unavailable_with_a_remedy()
    {
        using var keys = Open();
        Directory.Delete(keys.Path, recursive: true);

        foreach (var work in new Action[] { () => keys.TryAdd("a", Key, null), () => keys.Complete("a", Key, Certificate), () => keys.OpenSlot(), () => keys.Remove("a", new(Key, Key, null, null, null, default)) })
        {
            var error = Assert.Throws<CdfException>(work);
            Assert.Equal(CdfErrorCode.Unavailable, error.Code);
            Assert.Contains($"'{keys.Path}' cannot be used", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_never_shows_in_what_is_said_of_its_place()
    {
        using var keys = Open();
        keys.TryAdd("a", Key, Certificate);
        var there = keys.Read("a")!;

        Assert.Equal($"the key of certificate {there.Certificate!.Id}", $"{there}");
    }

    [Fact]
    public void A_key_is_identified_by_its_certificate_or_by_itself()
    {
        using var keys = Open();
        var key = DeviceKey.CreateP256().PrivateKeyPem;
        keys.TryAdd("key", key, null);
        keys.TryAdd("both", key, Certificate);
        File.WriteAllText(keys.FileOf("empty"), "");

        Assert.Equal(DeviceKey.IdentifierOf(key), keys.Read("key")!.KeyIdentifier);
        Assert.Equal(keys.Read("both")!.Certificate!.PublicKey.Identifier, keys.Read("both")!.KeyIdentifier);
        Assert.Null(keys.Read("empty")!.KeyIdentifier);
    }

    private KeyDirectory Open(bool waits = false) => KeyDirectory.Open(_folder.File("keys"), "one", waits);
}
