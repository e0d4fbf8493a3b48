using CdfProvisioning.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class SignerCacheTests
{
    private readonly CertificateSigner _signer = Make.Ca();
    private int _loads;

    [Fact]
    public async Task A_CA_is_loaded_once_however_many_ask()
    {
        var open = new TaskCompletionSource();
        var cache = new SignerCache(async (_, _) =>
        {
            Interlocked.Increment(ref _loads);
            await open.Task;
            return _signer;
        });

        var asking = Enumerable.Range(0, 50).Select(_ => Task.Run(() => Get(cache, "ca"))).ToList();
        open.SetResult();

        Assert.All(await Task.WhenAll(asking), s => Assert.Same(_signer, s));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task A_CA_that_is_forgotten_is_loaded_again()
    {
        var cache = Counting();
        await Get(cache, "ca");

        cache.Forget("ca");
        await Get(cache, "ca");

        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task A_failed_load_is_reported_and_tried_again()
    {
        var cache = new SignerCache((_, _) => ++_loads == 1
            ? throw new CdfException(CdfErrorCode.NotFound, "no such CA")
            : ValueTask.FromResult(_signer));

        await Assert.ThrowsAsync<CdfException>(() => Get(cache, "ca"));

        Assert.Same(_signer, await Get(cache, "ca"));
    }

    [Fact]
    public async Task One_who_gives_up_does_not_spoil_it_for_the_others()
    {
        var open = new TaskCompletionSource();
        var cache = new SignerCache(async (_, _) =>
        {
            await open.Task;
            return _signer;
        });
        using var impatient = new CancellationTokenSource();
        var first = cache.GetAsync("ca", impatient.Token).AsTask();
        var second = Get(cache, "ca");

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        open.SetResult();

        Assert.Same(_signer, await second);
    }

    [Fact]
    public async Task Any_number_of_CAs_can_be_used_in_turn()
    {
        var cache = Counting();

        for (var i = 0; i < 200; i++)
            Assert.Same(_signer, await Get(cache, $"ca-{i}"));

        Assert.Equal(200, _loads);
    }

    [Fact]
    public async Task As_many_CAs_as_an_installation_uses_stay_loaded_and_no_more()
    {
        var cache = Counting();
        for (var round = 0; round < 2; round++)
            for (var i = 0; i < 64; i++)
                await Get(cache, $"ca-{i}");
        Assert.Equal(64, _loads);

        await Get(cache, "one more");
        await Get(cache, "ca-0");
        Assert.Equal(66, _loads);
    }

    private static Task<CertificateSigner> Get(SignerCache cache, string caId) =>
        cache.GetAsync(caId, TestContext.Current.CancellationToken).AsTask();

    private SignerCache Counting() => new((_, _) =>
    {
        _loads++;
        return ValueTask.FromResult(_signer);
    });
}
